# The same seven analyses with data.table and the closed form of the repeated-measures ANOVA.
suppressPackageStartupMessages(library(data.table))
arguments <- commandArgs(trailingOnly = TRUE)
answers <- fread(arguments[1], showProgress = FALSE)
blocks <- fread(arguments[2])
milestones <- answers[, .(level = mean(level)), by = .(clinic, quarter, milestone)]
milestones[blocks, block := i.block, on = "milestone"]
scores <- milestones[, .(level = mean(level)), by = .(clinic, quarter, block)]
overall <- scores[, .(level = mean(level)), by = .(clinic, quarter)]
analyze <- function(table) {
  wide <- as.matrix(dcast(table, clinic ~ quarter, value.var = "level")[, -1])
  n <- nrow(wide); k <- ncol(wide)
  residuals <- sweep(wide - rowMeans(wide), 2, colMeans(wide) - mean(wide))
  time <- n * sum((colMeans(wide) - mean(wide))^2)
  error <- sum(residuals^2)
  df1 <- k - 1; df2 <- (n - 1) * (k - 1)
  F <- (time / df1) / (error / df2)
  S <- crossprod(residuals) / (n - 1)
  eps <- sum(diag(S))^2 / (df1 * sum(S^2))
  c(F = F, eps = eps, p = pf(F, df1, df2, lower.tail = FALSE),
    p_gg = pf(F, df1 * eps, df2 * eps, lower.tail = FALSE))
}
tables <- c(split(scores, by = "block"), list(overall = overall))
rows <- vapply(names(tables), function(key) {
  one <- analyze(tables[[key]])
  sprintf('"%s": {%s}', key, paste(sprintf('"%s": %.17g', names(one), one), collapse = ", "))
}, "")
cat("{", paste(rows, collapse = ", "), "}\n")
