"""The consumer: reads the transactions from Kafka, and alerts to what looks like fraud.

Alerts, counts, dead letters, the accounts' state and the offsets count together or not at all: in
one Kafka transaction, which `monitor.commit` ends (see `kafka_workshop.monitor.stage`). With
STAGE=merchant it reads what the first stage tells about terminals and merchants.

The blocks below are the nodes of the workshop's flow chart, in its order.
Os blocos abaixo são os nós do fluxograma do workshop, na mesma ordem.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
try:
    from kafka_workshop import logs
    from kafka_workshop.errors import Unavailable, Undecodable
    from kafka_workshop.messaging.backoff import Backoff
    from kafka_workshop.monitor.log import ConsumptionLog
    from kafka_workshop.monitor.opening import open_stage
    from kafka_workshop.program import run, wait_and_retry
    from kafka_workshop.ready import ReadyFile
    from kafka_workshop.settings import consumer_settings
    from kafka_workshop.shutdown import Stop
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name}: not installed; run ./workshop up once, or use .venv/bin/python\n"
        f"{missing.name}: não instalado; execute ./workshop up uma vez ou use .venv/bin/python"
    )

BATCH_MESSAGES = 500


def consume(environment: Mapping[str, str], stop: Stop) -> int:
    """Process transactions until told to stop; return the exit code."""
    # 1. Start / Início
    backoff = Backoff()
    monitor = None

    # 2. Read the environment variables / Configurar variáveis de ambiente
    settings = consumer_settings(environment)
    logger = logs.configure(settings.log, "consumer")
    ready = ReadyFile(settings.ready_file)
    ready.clear()

    while monitor is None and not stop.requested:
        # 3. Configure the consumer / Configurar o consumidor
        try:
            monitor = open_stage(settings, lambda: stop.requested, logger)
        # 4. Brokers not there: wait, try again / Aguardar brokers disponíveis
        except Unavailable as reason:
            wait_and_retry(reason, backoff, stop, logger)
    if monitor is None:
        return 0

    log = ConsumptionLog(monitor, logger, settings.log.lines_per_second, ready)
    go_on = not stop.requested
    while go_on:
        # 5. Consume messages from Kafka / Consumir mensagens do Kafka
        for message in monitor.fetch(log.room(BATCH_MESSAGES, settings.max_messages), 0.1):
            # 6. Process the message / Processar a mensagem
            try:
                event = monitor.decode(message)
                alerts = monitor.process(message, event)
            except Undecodable as reason:
                event, alerts = None, []
                monitor.dead_letter(message, reason)

            # 7. Log the message / Imprimir log da mensagem consumida
            log.processed(message, event, alerts)
        log.show(uncommitted=monitor.commit())

        # 8. Go on consuming? / Continuar consumindo?
        go_on = log.room(1, settings.max_messages) > 0 and not stop.requested

    # 9. Close the consumer / Fechar o consumidor
    uncommitted = monitor.commit(now=True)
    monitor.close()

    # 10. End / Fim
    return log.summary(uncommitted)


if __name__ == "__main__":
    sys.exit(run(consume))
