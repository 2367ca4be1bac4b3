is_yes <- function(said) toupper(as.character(said)) == "TRUE"  # R reads TRUE as a logical, true as a text

# What the regression is on, by the contract's columns; counts and receptors by their logarithms.
covariates <- function(cases) {
  data.frame(
    hormone_therapy = as.numeric(is_yes(cases$hormone_therapy)),
    age = cases$age,
    after_menopause = as.numeric(cases$menopause == "after"),
    tumor_size = cases$tumor_size,
    tumor_grade = match(cases$tumor_grade, c("I", "II", "III")),
    positive_nodes = log(cases$positive_nodes),
    progesterone_receptor = log1p(cases$progesterone_receptor),
    estrogen_receptor = log1p(cases$estrogen_receptor)
  )
}
