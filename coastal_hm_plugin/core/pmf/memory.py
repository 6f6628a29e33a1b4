"""How much memory the machine can spare for a batch of problems."""

import os

SHARE = 16  # a batch takes at most one part in so many of what is free
UNKNOWN = 2**31  # taken to be free where the system does not say


def available_bytes():
    """Memory free for new work, in bytes: Linux's own estimate, else the system's free or its whole memory."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return 1024 * int(line.split()[1])
    except (OSError, ValueError):
        pass
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        try:
            return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):  # Windows has no sysconf, macOS not every name
            continue
    return UNKNOWN


def problems_at_a_time(bytes_each, most):
    """How many problems of a size in bytes to hold at once: at most ``most`` bytes, and few where memory is scarce."""
    return max(1, int(min(most, available_bytes() // SHARE) // bytes_each))
