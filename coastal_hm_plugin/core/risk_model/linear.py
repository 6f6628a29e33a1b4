"""The linear model that the trees are measured against: ridge regression, fitted to the training rows only."""

import numpy as np

PENALTIES = np.logspace(-2, 4, 13)


def ridge_predictions(train, target, held_out, n_labels, transform="none"):
    """Predictions of a ridge regression for ``held_out`` (m x p), fitted to ``train`` (n x p) and ``target`` (n).

    n_labels: p ints, number of categories of a column of codes, 0 for numbers. Categories become indicator columns,
    missing numbers the training mean; columns are standardised; the penalty minimises the leave-one-out error
    (scikit-learn's RidgeCV). transform "log": fitted to log(target), brought back with Duan's (1983) smearing factor.
    Predictions stay within the range of ``target``, as those of trees do.
    """
    model = _pipeline(n_labels)
    response = np.log(target) if transform == "log" else target
    model.fit(train, response)
    predicted = model.predict(held_out)
    if transform == "log":
        smearing = np.mean(np.exp(response - model.predict(train)))
        with np.errstate(over="ignore"):
            predicted = np.exp(predicted) * smearing
    return np.clip(predicted, target.min(), target.max())


def _pipeline(n_labels):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [index for index, labels in enumerate(n_labels) if not labels]
    classes = [index for index, labels in enumerate(n_labels) if labels]
    columns = ColumnTransformer(
        [
            ("numbers", SimpleImputer(keep_empty_features=True), numbers),
            ("classes", OneHotEncoder(handle_unknown="ignore", sparse_output=False), classes),
        ]
    )
    return make_pipeline(columns, StandardScaler(), RidgeCV(PENALTIES))
