"""Small data sets that tests make, in the columns of the public ones."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

HANDBOOK = (
    "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,"
    "TX_FRAUD,TX_FRAUD_SCENARIO"
)
SPARKOV = (
    ",trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,"
    "lat,long,city_pop,job,dob,trans_num,unix_time,merch_lat,merch_long,is_fraud"
)
FIRST = "0,2018-04-01 00:00:31,596,3156,57.16,31,0,0,0"
SECOND = "3527,2018-04-01 10:17:43,3774,3059,225.41,37063,0,1,1"
CARD = "2703186189652095"
_START = datetime(2018, 4, 1)  # noqa: DTZ001 - as the file has it, of no zone
_HALF_HOUR = timedelta(minutes=30)


def handbook_rows(count: int, fraud_every: int = 10) -> Iterable[str]:
    """Yield rows half an hour apart, every so many one fraud, in the three scenarios by turns."""
    for number in range(count):
        fraud = number % fraud_every == fraud_every - 1
        at = _START + number * _HALF_HOUR
        seconds = int((at - _START).total_seconds())
        scenario = 1 + number // fraud_every % 3 if fraud else 0
        yield (
            f"{number},{at},{number % 17},{number % 23},{10 + number % 300}.{number % 100:02d},"
            f"{seconds},{seconds // 86_400},{int(fraud)},{scenario}"
        )


def csv_of(folder: Path, rows: Iterable[str], header: str = HANDBOOK) -> Path:
    """Write a CSV file and return where it is."""
    path = folder / "small set.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def sparkov_row(trans_num: str, at: str, fraud: int = 0, category: str = "misc_net") -> str:
    """Return a row as Sparkov writes it."""
    return (
        f'0,{at},{CARD},"fraud_Rippin, Kub and Mann",{category},4.97,Ana,Banks,F,1 Elm St,Moss,NC,'
        f"28654,36.0788,-81.1781,3495,Psychologist,1988-03-09,{trans_num},1325376018,36.0,-82.0,"
        f"{fraud}"
    )
