# Rscript fit.R WOMEN MODEL: fits Cox's regression by Debian's r-cran-survival, and writes it as a table.
source("covariates.R")
asked <- commandArgs(trailingOnly = TRUE)
women <- read.csv(asked[1])
given <- covariates(women)
happened <- survival::Surv(women$recurrence_free_days, as.numeric(is_yes(women$recurrence)))
fitted <- survival::coxph(happened ~ ., data = given)
found <- data.frame(
  covariate = names(given),
  mean = colMeans(given),
  coefficient = coef(fitted)[names(given)]
)
write.csv(found, asked[2], row.names = FALSE)
