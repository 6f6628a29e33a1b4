# Runs a BUGS model with rjags: Rscript _mixing_jags.R <folder> <chains> <iterations>
# Reads model.bug and data.txt; leaves draws.bin (chain by chain, iteration by iteration) and seconds.txt.
suppressPackageStartupMessages(library(rjags))
arguments <- commandArgs(trailingOnly = TRUE)
setwd(arguments[1])
chains <- as.integer(arguments[2])
iterations <- as.integer(arguments[3])
load.module("glm", quiet = TRUE)
seconds <- function(work) system.time(work)[["elapsed"]]
data <- read.data("data.txt", format = "jags")
starts <- lapply(1:chains, function(i) list(.RNG.name = "base::Mersenne-Twister", .RNG.seed = i))
compiled <- seconds(model <- jags.model("model.bug", data, starts, chains, n.adapt = 0, quiet = TRUE))
warmed <- seconds({
  adapt(model, 500, progress.bar = "none")
  update(model, 500, progress.bar = "none")
})
drawn <- seconds(found <- coda.samples(model, "p", iterations, progress.bar = "none"))
writeBin(unlist(lapply(found, function(chain) as.vector(t(chain)))), "draws.bin")
writeLines(colnames(found[[1]]), "names.txt")
writeLines(format(c(compiled, warmed, drawn), digits = 6), "seconds.txt")
