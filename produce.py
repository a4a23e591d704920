"""The producer: generates simulated bank transactions and sends them to Kafka.

The blocks below are the nodes of the workshop's flow chart, in its order.
Os blocos abaixo são os nós do fluxograma do workshop, na mesma ordem.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
try:
    from kafka_workshop import logs
    from kafka_workshop.clock import Deadline
    from kafka_workshop.errors import Unavailable
    from kafka_workshop.feed import open_feed
    from kafka_workshop.labels import open_labels
    from kafka_workshop.ledger.book import Book
    from kafka_workshop.messaging.backoff import Backoff
    from kafka_workshop.messaging.codec import encode
    from kafka_workshop.messaging.factory import open_producer
    from kafka_workshop.program import run, wait_and_retry
    from kafka_workshop.progress import DeliveryLog
    from kafka_workshop.ready import ReadyFile
    from kafka_workshop.settings import producer_settings
    from kafka_workshop.shutdown import Stop
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name}: not installed; run ./workshop up once, or use .venv/bin/python\n"
        f"{missing.name}: não instalado; execute ./workshop up uma vez ou use .venv/bin/python"
    )

FLUSH_SECONDS = 5


def produce(environment: Mapping[str, str], stop: Stop) -> int:
    """Send transactions until told to stop; return the exit code."""
    # 1. Start / Início
    backoff = Backoff()
    producer = feed = None

    # 2. Read the environment variables / Configurar variáveis de ambiente
    settings = producer_settings(environment)
    logger = logs.configure(settings.log, "producer")
    ready = ReadyFile(settings.ready_file)
    ready.clear()
    book = Book(settings)

    while feed is None and not stop.requested:
        # 3. Configure the producer / Configurar o produtor
        try:
            producer = producer or open_producer(settings.kafka, give_up=lambda: stop.requested)
            feed = open_feed(settings, book.claim(producer, stop))
        # 4. Brokers not there: wait, try again / Aguardar brokers disponíveis
        except Unavailable as reason:
            wait_and_retry(reason, backoff, stop, logger)
    if producer is None or feed is None:
        return 0

    labels = open_labels(settings, feed, producer, logger)
    log = DeliveryLog(producer, book, labels, logger, settings.log.lines_per_second, ready)
    go_on = not stop.requested
    while go_on:
        # 5. Generate a transaction / Gerar mensagem de transação
        transaction = feed.next()
        key, value = transaction.account_id.encode(), encode(transaction)

        # 6. Send it to Kafka / Enviar a mensagem para o Kafka
        producer.send(settings.kafka.topic, key, value, on_delivery=log.sending(transaction))

        # 7. Log what was acknowledged / Imprimir log das mensagens confirmadas
        log.show()

        # 8. Go on producing? / Continuar produzindo?
        go_on = log.sent != settings.max_messages and feed.wait(stop, idle=log.show)

    # 9. Close the producer / Fechar o produtor
    producer.flush(closing := Deadline(FLUSH_SECONDS))
    labels.close(closing)
    book.close()
    producer.close()

    # 10. End / Fim
    return log.summary()


if __name__ == "__main__":
    sys.exit(run(produce))
