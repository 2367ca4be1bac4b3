# Speaks the protocol of docs/protocol.md; needs nothing but what r-base-core has.
source("covariates.R")
model <- read.csv(file.path("model", "model.csv"))
cat("capsule with R ", R.version$major, ".", R.version$minor, "\n", sep = "")
cat("capsule loaded\n")

folder <- readLines(file("stdin"), n = 1)
if (length(folder) == 0) quit(save = "no")
cases <- read.csv(file.path(folder, "inputs.csv"), na.strings = "", encoding = "UTF-8",
                  colClasses = c(case_id = "character", patient = "character"))
given <- as.matrix(covariates(cases)[model$covariate])
# Beside an average woman of the training: 2 is twice as soon.
risk <- exp(drop(sweep(given, 2, model$mean) %*% model$coefficient))
write.csv(data.frame(case_id = cases$case_id, prediction = risk),
          file.path(folder, "out", "predictions.csv"), row.names = FALSE)
cat("capsule predicted\n")
