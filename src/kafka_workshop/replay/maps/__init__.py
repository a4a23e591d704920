"""The mappings that the package brings, one data set a file."""
