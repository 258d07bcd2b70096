# Computes the analysis of this data bundle again, from data/long.csv: Rscript analysis.R
#
# Needs base R; the mixed models are compared when lme4 and lmerTest are installed. Prints the
# statistics of every measure, compares all numbers with expected.csv (the same as expected.json)
# and ends with 1 when any of them differs.

here <- local({
  argument <- grep("^--file=", commandArgs(FALSE), value = TRUE)
  if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[1]))) else getwd()
})
read <- function(...) {
  read.csv(file.path(here, ...), colClasses = "character", encoding = "UTF-8", na.strings = character())
}
expected <- read("expected.csv")
expected$value <- as.numeric(expected$value)
setting <- function(name) expected[[name]][1]
long <- read("data", "long.csv")
long <- long[long$analyzed == "1", ]
long$value <- as.numeric(long$value)
long$time <- long[[setting("clock")]]
clinics <- read("data", "clinics.csv")
has_lmer <- requireNamespace("lme4", quietly = TRUE) && requireNamespace("lmerTest", quietly = TRUE)

# --- statistics: each gives a named vector of numbers ---------------------------------------------

describe <- function(d, times) {
  unlist(lapply(times, function(time) {
    x <- d$value[d$time == time]
    setNames(c(length(x), mean(x), sd(x)), paste("descriptives", time, c("n", "mean", "sd"), sep = "."))
  }))
}

complete_table <- function(d, times) {
  table <- tapply(d$value, list(d$clinic, factor(d$time, levels = times)), function(x) x[1])
  list(table = table[stats::complete.cases(table), , drop = FALSE],
       left_out = sum(!stats::complete.cases(table)))
}

eta_limit <- function(F, df1, df2, probability) {
  if (pf(F, df1, df2) <= probability) return(0)
  miss <- function(ncp) pf(F, df1, df2, ncp = ncp) - probability
  high <- 10
  while (miss(high) > 0) { high <- 2 * high; if (high > 1e7) return(NA) }
  ncp <- uniroot(miss, c(0, high), tol = 1e-10)$root
  ncp / (ncp + df2)
}

repeated_measures <- function(y) {
  n <- nrow(y); k <- ncol(y)
  rest <- sweep(sweep(y, 1, rowMeans(y)), 2, colMeans(y)) + mean(y)
  ss_time <- n * sum((colMeans(y) - mean(y))^2); ss_error <- sum(rest^2)
  if (ss_error <= 1e-12 * max(1, sum(y^2))) return(numeric())
  df1 <- k - 1; df2 <- (n - 1) * (k - 1)
  F <- (ss_time / df1) / (ss_error / df2)
  S <- crossprod(rest); epsilon <- min(1, sum(diag(S))^2 / (df1 * sum(S^2)))
  found <- c(F = F, df1 = df1, df2 = df2, p = pf(F, df1, df2, lower.tail = FALSE), eps_gg = epsilon,
             p_gg = pf(F, epsilon * df1, epsilon * df2, lower.tail = FALSE),
             partial_eta2 = ss_time / (ss_time + ss_error),
             partial_eta2_lo = eta_limit(F, df1, df2, .95),
             partial_eta2_hi = eta_limit(F, df1, df2, .05))
  setNames(found, paste0("rm_anova.", names(found)))
}

linear_trend <- function(y) {
  k <- ncol(y); steps <- seq_len(k) - (k + 1) / 2
  slopes <- as.vector((y - mean(y)) %*% steps / sum(steps^2))
  if (sd(slopes) <= 1e-14 * max(abs(y))) return(c(linear_trend.slope = mean(slopes)))
  test <- t.test(slopes)
  found <- c(slope = mean(slopes), se = unname(test$stderr), t = unname(test$statistic),
             df = unname(test$parameter), p = test$p.value,
             ci_lo = test$conf.int[1], ci_hi = test$conf.int[2])
  setNames(found, paste0("linear_trend.", names(found)))
}

paired <- function(name, x) {
  found <- c(n = length(x), mean = mean(x))
  if (length(x) > 1 && sd(x) > 1e-14) {
    test <- t.test(x)
    found <- c(found, ci_lo = test$conf.int[1], ci_hi = test$conf.int[2],
               t = unname(test$statistic), df = unname(test$parameter), p = test$p.value)
  }
  setNames(found, paste0(name, ".", names(found)))
}

with_holm <- function(found) {
  p <- found[grepl("\\.p$", names(found))]
  if (length(p)) found <- c(found, setNames(p.adjust(p, "holm"), paste0(names(p), "_holm")))
  found
}

pairwise <- function(y) {
  pairs <- utils::combn(ncol(y), 2, simplify = FALSE)
  with_holm(unlist(lapply(pairs, function(at) {
    paired(paste("pairwise", colnames(y)[at[1]], colnames(y)[at[2]], sep = "."), y[, at[2]] - y[, at[1]])
  })))
}

from_baseline <- function(d, times) {
  first <- d[d$time == times[1], ]
  with_holm(unlist(lapply(times[-1], function(time) {
    both <- merge(first[c("clinic", "value")], d[d$time == time, c("clinic", "value")], by = "clinic")
    if (nrow(both)) paired(paste0("baseline.", time), both$value.y - both$value.x)
  })))
}

friedman <- function(y) {
  test <- tryCatch(friedman.test(round(y, 9)), error = function(e) NULL)
  if (is.null(test) || is.nan(test$statistic)) return(numeric())
  c(friedman.chi2 = unname(test$statistic), friedman.df = unname(test$parameter),
    friedman.p = test$p.value,
    friedman.kendall_W = unname(test$statistic) / (nrow(y) * (ncol(y) - 1)))
}

effect <- function(name, ss, df1, ss_error, df2, epsilon) {
  if (ss_error <= 0) return(numeric())
  F <- (ss / df1) / (ss_error / df2)
  found <- c(F = F, df1 = df1, df2 = df2, p = pf(F, df1, df2, lower.tail = FALSE),
             p_gg = pf(F, epsilon * df1, epsilon * df2, lower.tail = FALSE))
  setNames(found, paste("mixed_anova", name, names(found), sep = "."))
}

group_by_time <- function(y) {
  # Type III: the unweighted means of the groups, as car and afex have it with sum contrasts
  if (!nzchar(setting("group"))) return(numeric())
  member <- clinics[[setting("group")]][match(rownames(y), clinics$clinic)]
  y <- y[!member %in% c("", "withheld"), , drop = FALSE]
  member <- factor(member[!member %in% c("", "withheld")])
  n <- nrow(y); k <- ncol(y); g <- nlevels(member); size <- as.vector(table(member))
  if (g < 2 || n - g < 1) return(numeric())
  within <- y %*% apply(contr.helmert(k), 2, function(x) x / sqrt(sum(x^2)))
  level <- rowMeans(y)
  centers <- rowsum(within, member) / size
  products <- crossprod(within - centers[as.integer(member), , drop = FALSE])
  epsilon <- min(1, sum(diag(products))^2 / ((k - 1) * sum(products^2)))
  error <- sum(diag(products)); df_error <- (n - g) * (k - 1)
  between <- anova(lm(level ~ member))
  c(effect("group", k * between[1, 2], g - 1, k * between[2, 2], n - g, 1),
    effect("time", sum(colMeans(centers)^2) / (sum(1 / size) / g^2), k - 1, error, df_error, epsilon),
    effect("group:time", sum(size * sweep(centers, 2, colMeans(within))^2), (g - 1) * (k - 1),
           error, df_error, epsilon))
}

elapsed <- function(times) {
  if (!all(grepl("Q", times))) return(setNames(as.numeric(times), times))
  number <- 4 * as.numeric(substr(times, 1, 4)) + as.numeric(substr(times, 6, 6))
  setNames(number - number[1], times)
}

mixed_model <- function(name, formula, d) {
  # lme4 stops early by default: the third digit of a small variance would be left to chance
  precise <- lme4::lmerControl(
    optimizer = "nloptwrap", calc.derivs = FALSE,
    optCtrl = list(xtol_abs = 1e-10, ftol_abs = 1e-12, maxeval = 1e4))
  fit <- tryCatch(suppressMessages(suppressWarnings(
    lmerTest::lmer(formula, data = d, control = precise))),
    error = function(e) NULL)
  if (is.null(fit)) return(numeric())
  rows <- suppressMessages(suppressWarnings(summary(fit)$coefficients))
  found <- unlist(lapply(rownames(rows), function(term) {
    short <- sub("^group.*:t$", "group:t", sub("^group[^:]*$", "group", term))
    setNames(rows[term, c("Estimate", "Std. Error", "df", "Pr(>|t|)")],
             paste(short, c("estimate", "se", "df", "p"), sep = "."))
  }))
  variance <- as.data.frame(lme4::VarCorr(fit))
  of <- function(group) variance$vcov[variance$grp == group][1]
  found <- c(found, var_residual = of("Residual"), var_clinic = of(if ("org" %in% names(lme4::ranef(fit))) "clinic:org" else "clinic"))
  if ("org" %in% variance$grp) found <- c(found, var_organization = of("org"))
  setNames(found, paste0("lmm.", name, ".", names(found)))
}

mixed_models <- function(d, times) {
  if (!has_lmer) return(numeric())
  d$t <- elapsed(times)[d$time]
  d$org <- clinics$organization[match(d$clinic, clinics$clinic)]
  c(mixed_model("linear_time_random_intercept", value ~ t + (1 | clinic), d),
    mixed_model("linear_time_random_slope", value ~ t + (t | clinic), d),
    if (!any(d$org %in% c("", "withheld")))
      mixed_model("linear_time_org_nested", value ~ t + (1 | org / clinic), d))
}

# --- comparing and printing -----------------------------------------------------------------------

analyze <- function(d, times) {
  whole <- complete_table(d, times)
  y <- whole$table
  found <- c(n = nrow(y), left_out = whole$left_out, k = length(times),
             describe(d, times), from_baseline(d, times))
  if (nrow(y) > 1 && length(times) > 1)
    found <- c(found, repeated_measures(y), linear_trend(y), pairwise(y), friedman(y), group_by_time(y))
  found <- c(found, mixed_models(d, times))
  found[is.finite(found)]
}

agrees <- function(here, page, name) {
  # searches (limits of intervals, mixed models) end within a tolerance, formulas do not
  searched <- grepl("^lmm\\.", name) | grepl("eta2_", name)
  indirect <- grepl("^lmm\\.", name) & grepl("\\.(df|p)$|var_", name)
  relative <- ifelse(indirect, 1e-2, ifelse(searched, 1e-3, 1e-6))
  abs(here - page) <= pmax(relative * pmax(abs(here), abs(page)), ifelse(indirect, 1e-6, 1e-8))
}

p_words <- function(p) if (p < .001) "< .001" else sprintf("= %.3f", p)

show <- function(title, key, found, reason) {
  say <- function(...) cat(sprintf(...), "\n", sep = "")
  of <- function(statistic, ...) lapply(paste(statistic, c(...), sep = "."), function(name) {
    if (grepl("\\.p(_gg|_holm)?$", name)) p_words(found[[name]]) else found[[name]]
  })
  say("\n%s (%s)", title, key)
  say("  %d clinics with every time, %d left out", found[["n"]], found[["left_out"]])
  if ("rm_anova.F" %in% names(found))
    do.call(say, c("  F(%d, %d) = %.2f, p %s (GG epsilon %.3f, p_GG %s), partial eta2 = %.3f [90%% CI %.3f, %.3f]",
                   of("rm_anova", "df1", "df2", "F", "p", "eps_gg", "p_gg", "partial_eta2", "partial_eta2_lo", "partial_eta2_hi")))
  else say("  No repeated-measures statistic: %s", reason)
  if ("linear_trend.t" %in% names(found))
    do.call(say, c("  Linear trend %.4f per step, 95%% CI [%.4f, %.4f], t(%d) = %.2f, p %s",
                   of("linear_trend", "slope", "ci_lo", "ci_hi", "df", "t", "p")))
  for (name in c("group", "time", "group:time"))
    if (paste0("mixed_anova.", name, ".F") %in% names(found))
      do.call(say, c("  %s: F(%d, %d) = %.2f, p %s, p_GG %s", name,
                     of(paste0("mixed_anova.", name), "df1", "df2", "F", "p", "p_gg")))
  if ("lmm.linear_time_random_intercept.t.df" %in% names(found))
    do.call(say, c("  Mixed model: %.4f per step (se %.4f), t(%.1f), p %s",
                   of("lmm.linear_time_random_intercept.t", "estimate", "se", "df", "p")))
  pairs <- sub("\\.p$", "", grep("^pairwise\\..*\\.p$", names(found), value = TRUE))
  for (name in pairs)
    do.call(say, c("  %s: %+.3f [%+.3f, %+.3f], Holm p %s", sub("\\.", " to ", sub("^pairwise\\.", "", name)),
                   of(name, "mean", "ci_lo", "ci_hi", "p_holm")))
}

compared <- differing <- elsewhere <- 0
for (key in unique(expected$measure)) {
  page <- expected[expected$measure == key, ]
  times <- strsplit(page$times[1], " ", fixed = TRUE)[[1]]
  found <- analyze(long[long$measure == key, ], times)
  show(page$title[1], key, found, page$reason[1])
  page <- page[nzchar(page$name), ]
  known <- page$name %in% names(found)
  elsewhere <- elsewhere + sum(!known & grepl("^lmm\\.", page$name))
  lost <- page$name[!known & !grepl("^lmm\\.", page$name)]
  same <- agrees(found[page$name[known]], page$value[known], page$name[known])
  compared <- compared + sum(same)
  differing <- differing + sum(!same) + length(lost)
  for (name in c(page$name[known][!same], lost))
    cat("  DIFFERS:", name, "is", found[name], "here and", page$value[page$name == name], "on the page\n")
}
cat(sprintf("\n%d numbers agree with the page, %d differ.\n", compared, differing))
if (elsewhere) cat(elsewhere, "numbers of mixed models were not compared: install lme4 and lmerTest.\n")
if (differing || !compared) quit(status = 1)
