# Reads the SPSS and Stata files with haven and prints every cell as "file,row,variable,value":
# tagged missing values as .a, user-missing values as they are, numbers with all their digits.
folder <- commandArgs(TRUE)[1]
show <- function(file, data) {
  for (name in names(data)) {
    x <- unclass(data[[name]])
    attributes(x) <- NULL
    text <- if (is.character(x)) x else vapply(x, function(one) sprintf("%.17g", one), "")
    if (!is.character(x)) {
      tag <- haven::na_tag(x)
      text <- ifelse(is.na(x), ifelse(is.na(tag), "", paste0(".", tag)), text)
    }
    write.table(cbind(file, seq_along(text), name, trimws(text)), sep = ",", quote = FALSE,
                row.names = FALSE, col.names = FALSE)
  }
}
for (name in c("assessments", "wide", "clinics")) {
  dta <- haven::read_dta(file.path(folder, "stata", paste0(name, ".dta")))
  sav <- haven::read_sav(file.path(folder, "spss", paste0(name, ".sav")), user_na = TRUE)
  show(paste0(name, ".dta"), dta)
  show(paste0(name, ".sav"), sav)
  stopifnot(identical(attr(sav[[1]], "label"), "Clinic"))
}
sav <- haven::read_sav(file.path(folder, "spss", "assessments.sav"), user_na = TRUE)
stopifnot(attr(sav$m02, "na_values") == 9, attr(sav$m02, "labels")[["Does not apply"]] == 9)
dta <- haven::read_dta(file.path(folder, "stata", "assessments.dta"))
stopifnot(haven::na_tag(attr(dta$m02, "labels")[["Does not apply"]]) == "a")
