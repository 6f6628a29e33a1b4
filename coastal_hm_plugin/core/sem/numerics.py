"""Linear algebra whose last bits do not depend on the number of threads."""

import numpy as np
from scipy.linalg.lapack import dtrtri

SERIAL = 2**18  # OpenBLAS uses one thread up to so many multiplications
BLOCK = 48  # and for factors of this size


def product(left, right):
    """left @ right, in blocks of rows that one thread does."""
    inner, columns = right.shape
    block = max(1, SERIAL // max(1, inner * columns))
    if len(left) <= block:
        return left @ right
    return np.concatenate([left[at : at + block] @ right for at in range(0, len(left), block)])


def whitener(matrix):
    """W, lower triangular, with W matrix W' = I: the inverse is W' W.

    Raises numpy's LinAlgError where the matrix is not positive definite.
    """
    size = len(matrix)
    if size <= BLOCK:
        return dtrtri(np.linalg.cholesky(matrix), lower=1)[0]
    half = size // 2
    first = whitener(matrix[:half, :half])
    below = product(matrix[half:, :half], first.T)
    second = whitener(matrix[half:, half:] - product(below, below.T))
    whole = np.zeros_like(matrix)
    whole[:half, :half], whole[half:, half:] = first, second
    whole[half:, :half] = -product(product(second, below), first)
    return whole


def scaled_whitener(matrix):
    """The same by way of correlations, for units orders of magnitude apart."""
    diagonal = np.diag(matrix)
    if not (diagonal > 0).all():
        raise np.linalg.LinAlgError("not positive definite")
    scale = np.sqrt(diagonal)
    return whitener(matrix / np.multiply.outer(scale, scale)) / scale


def paths_inverse(coefficients):
    """inv(I - A): the sum of the powers of A where no path runs in a circle."""
    size = len(coefficients)
    total = power = np.eye(size)
    for _ in range(size):
        power = power @ coefficients
        if not power.any():
            return total
        total = total + power
    left = np.eye(size) - coefficients
    half = whitener(left.T @ left)
    return half.T @ (half @ left.T)


def eliminate(left, right):
    """x = offset + basis x[independent] for all x with left x = right, by Gauss and Jordan.

    Returns offset, basis, independent; None where the equations contradict each other.
    """
    rows, size = np.array(left, float), np.shape(left)[1]
    values = np.array(right, float)
    pivots, row = [], 0
    for column in range(size - 1, -1, -1):  # later parameters follow from earlier ones
        if row == len(rows):
            break
        best = row + int(np.argmax(np.abs(rows[row:, column])))
        if abs(rows[best, column]) < 1e-10:
            continue
        rows[[row, best]], values[[row, best]] = rows[[best, row]], values[[best, row]]
        values[row], rows[row] = values[row] / rows[row, column], rows[row] / rows[row, column]
        for other in range(len(rows)):
            if other != row:
                values[other] -= rows[other, column] * values[row]
                rows[other] -= rows[other, column] * rows[row]
        pivots.append(column)
        row += 1
    if np.abs(values[row:]).max(initial=0.0) > 1e-8:
        return None
    independent = np.setdiff1d(np.arange(size), pivots)
    offset, basis = np.zeros(size), np.zeros((size, len(independent)))
    basis[independent, np.arange(len(independent))] = 1.0
    for number, column in enumerate(pivots):
        offset[column] = values[number]
        basis[column] = -rows[number, independent]
    return offset, basis, independent
