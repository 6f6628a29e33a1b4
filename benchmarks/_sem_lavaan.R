# Fits models with lavaan each time it is asked: Rscript _sem_lavaan.R <folder>
# Reads tasks.csv (name, estimator) with <name>.csv and <name>.txt beside; answers each line of standard input
# with the seconds that all fits took, and leaves chi-squares, CFI and the largest modification index in answers.csv.
suppressPackageStartupMessages(library(lavaan))
setwd(commandArgs(trailingOnly = TRUE)[1])
tasks <- read.csv("tasks.csv", stringsAsFactors = FALSE)
data <- lapply(tasks$name, function(name) read.csv(paste0(name, ".csv")))
models <- lapply(tasks$name, function(name) paste(readLines(paste0(name, ".txt")), collapse = "\n"))
work <- function(i) {
  fit <- sem(models[[i]], data[[i]], estimator = tasks$estimator[i])
  estimates <- parameterEstimates(fit)
  indices <- fitMeasures(fit)
  changes <- modindices(fit)
  c(indices[["chisq"]], indices[["cfi"]], max(changes$mi))
}
cat("READY\n")
input <- file("stdin", "r")
while (length(readLines(input, n = 1)) > 0) {
  seconds <- system.time(answers <- t(sapply(seq_len(nrow(tasks)), work)))[["elapsed"]]
  write.table(format(answers, digits = 12), "answers.csv", sep = ",", row.names = FALSE, col.names = FALSE, quote = FALSE)
  cat("SECONDS", format(seconds, digits = 6), "\n")
}
