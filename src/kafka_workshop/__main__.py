"""`python -m kafka_workshop`: the command line behind `./workshop`."""

from kafka_workshop.cli import main

main()
