# Makes tests/unit/golden/kriging.txt: ordinary kriging by gstat on the meuse and jura sets, for given
# variograms and a moving neighbourhood. Debian: r-cran-gstat, r-cran-sp.
#   Rscript tests/unit/golden/kriging.R > tests/unit/golden/kriging.txt
suppressMessages({
  library(sp)
  library(gstat)
})

number <- function(x) sprintf("%.15g", x)

emit <- function(title, x, y, z, model, nugget, sill, range, nmax, at) {
  samples <- data.frame(x = x, y = y, z = z)
  coordinates(samples) <- ~x + y
  v <- if (model == "matern32") vgm(sill, "Mat", range, nugget, kappa = 1.5)
       else vgm(sill, c(spherical = "Sph", exponential = "Exp", gaussian = "Gau")[[model]], range, nugget)
  k <- krige(z ~ 1, samples, SpatialPoints(at), v, nmax = nmax, debug.level = 0)
  cat("case", title, "\n")
  cat("variogram", paste(model, number(nugget), number(sill), number(range), sep = ","), "\n")
  cat("neighbours", nmax, "\n")
  for (i in seq_along(x)) cat("sample", number(x[i]), number(y[i]), number(z[i]), "\n")
  for (i in seq_len(nrow(at)))
    cat("expect", number(at[i, 1]), number(at[i, 2]), number(k$var1.pred[i]), number(k$var1.var[i]), "\n")
  cat("end\n")
}

cat("# Ordinary kriging: sample x y z; expect x y estimate variance. Made by kriging.R with gstat",
    as.character(utils::packageVersion("gstat")), "\n")
cat("# meuse: zinc in the flood plain of the Meuse (Rikken and Van Rijn 1993), natural logarithm.\n")
cat("# jura: cobalt in topsoil of the Swiss Jura (Atteia, Dubois and Webster 1994), ppm.\n")

data(meuse, package = "sp")
data(jura, package = "gstat")
at_meuse <- cbind(c(179013.3, 180127.7, 181071, 178605, 180511.9), c(330217.1, 332003.9, 333611, 329714, 331234.5))
lz <- log(meuse$zinc)
emit("meuse-spherical", meuse$x, meuse$y, lz, "spherical", 0.05, 0.59, 897, 24, at_meuse)
emit("meuse-exponential", meuse$x, meuse$y, lz, "exponential", 0, 0.72, 450, 16, at_meuse)
emit("meuse-matern32", meuse$x, meuse$y, lz, "matern32", 0.09, 0.6, 220, 24, at_meuse)
emit("meuse-gaussian", meuse$x, meuse$y, lz, "gaussian", 0.12, 0.5, 400, 12, at_meuse)
p <- jura.pred
at_jura <- cbind(c(1.234, 2.871, 4.333, p$Xloc[7]), c(2.345, 3.017, 4.441, p$Yloc[7]))
emit("jura-cobalt", p$Xloc, p$Yloc, p$Co, "spherical", 1.2, 12.6, 1.15, 20, at_jura)
