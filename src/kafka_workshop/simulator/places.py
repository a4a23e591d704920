"""Where customers live: Brazilian cities, weighted by their inhabitants."""

from random import Random
from typing import NamedTuple

from kafka_workshop.domain.transaction import Location, Uf


class CityOf(NamedTuple):
    """A city: name, state, degrees WGS 84, inhabitants in thousands."""

    name: str
    uf: Uf
    lat: float
    lon: float
    thousands: int


# The capital of every state and some of the largest other cities;
# inhabitants as of the census of 2022 (IBGE), rounded.
CITIES = (
    CityOf("São Paulo", "SP", -23.551, -46.633, 11452),
    CityOf("Rio de Janeiro", "RJ", -22.907, -43.173, 6211),
    CityOf("Brasília", "DF", -15.794, -47.883, 2817),
    CityOf("Fortaleza", "CE", -3.732, -38.527, 2429),
    CityOf("Salvador", "BA", -12.971, -38.501, 2418),
    CityOf("Belo Horizonte", "MG", -19.917, -43.935, 2316),
    CityOf("Manaus", "AM", -3.119, -60.022, 2064),
    CityOf("Curitiba", "PR", -25.428, -49.273, 1774),
    CityOf("Recife", "PE", -8.048, -34.877, 1489),
    CityOf("Goiânia", "GO", -16.687, -49.265, 1437),
    CityOf("Porto Alegre", "RS", -30.035, -51.218, 1333),
    CityOf("Belém", "PA", -1.456, -48.490, 1303),
    CityOf("Guarulhos", "SP", -23.463, -46.533, 1292),
    CityOf("Campinas", "SP", -22.906, -47.061, 1139),
    CityOf("São Luís", "MA", -2.531, -44.303, 1038),
    CityOf("Maceió", "AL", -9.666, -35.735, 958),
    CityOf("Campo Grande", "MS", -20.443, -54.646, 898),
    CityOf("São Gonçalo", "RJ", -22.827, -43.054, 897),
    CityOf("Teresina", "PI", -5.089, -42.802, 866),
    CityOf("João Pessoa", "PB", -7.115, -34.863, 834),
    CityOf("Natal", "RN", -5.795, -35.209, 751),
    CityOf("Sorocaba", "SP", -23.502, -47.458, 724),
    CityOf("Uberlândia", "MG", -18.919, -48.277, 713),
    CityOf("Ribeirão Preto", "SP", -21.177, -47.810, 699),
    CityOf("Cuiabá", "MT", -15.601, -56.097, 651),
    CityOf("Joinville", "SC", -26.304, -48.846, 616),
    CityOf("Aracaju", "SE", -10.911, -37.072, 603),
    CityOf("Londrina", "PR", -23.310, -51.163, 556),
    CityOf("Juiz de Fora", "MG", -21.764, -43.350, 541),
    CityOf("Florianópolis", "SC", -27.595, -48.548, 537),
    CityOf("Serra", "ES", -20.121, -40.307, 521),
    CityOf("Porto Velho", "RO", -8.761, -63.900, 461),
    CityOf("Macapá", "AP", 0.034, -51.066, 443),
    CityOf("Boa Vista", "RR", 2.820, -60.673, 413),
    CityOf("Rio Branco", "AC", -9.975, -67.810, 365),
    CityOf("Vitória", "ES", -20.319, -40.338, 323),
    CityOf("Palmas", "TO", -10.184, -48.334, 303),
)
WEIGHTS = tuple(city.thousands for city in CITIES)
_SPREAD_DEGREES = 0.05  # about 5 km: a neighbourhood's distance from the centre


def spot(city: CityOf, random: Random) -> Location:
    """Return a place within the city, some kilometres around its centre."""
    lat = round(city.lat + random.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES), 3)
    lon = round(city.lon + random.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES), 3)
    return Location(city.name, city.uf, lat, lon)
