"""The baseline methods, in an order that is an interface; apart, so that forms do not load the science."""

METHOD_TITLES = {
    "imea": "Iterative mean (IMEA)",
    "imed": "Iterative median (IMED)",
    "boxplot": "Box plot",
    "rcf": "Relative cumulative frequency (RCF)",
}
