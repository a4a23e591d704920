"""`python -m kafka_workshop`: the command line that ./workshop runs."""

from kafka_workshop.cli import main

main()
