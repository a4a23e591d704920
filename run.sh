#!/bin/sh
# Starts the producer or the consumer, as ACTION says. `./workshop up`, Docker Compose and a
# person's shell all run exactly this.
# Inicia o produtor ou o consumidor, conforme ACTION.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1

case "${ACTION-}" in
    producer) script=produce.py ;;
    consumer) script=consume.py ;;
    *)
        case "${WORKSHOP_LANG:-${LC_ALL:-${LANG-}}}" in
            [Pp][Tt]*) sentence="não é permitido: ACTION deve ser producer ou consumer" ;;
            *) sentence="is not allowed: ACTION must be producer or consumer" ;;
        esac
        printf "ACTION='%s' %s (ACTION=producer ./run.sh)\n" "${ACTION-}" "$sentence" >&2
        exit 2
        ;;
esac

if [ -x "$here/.venv/bin/python" ]; then
    python=$here/.venv/bin/python
elif command -v python3 >/dev/null 2>&1; then
    python=python3
else
    python=python
fi

PYTHONUNBUFFERED=1
export PYTHONUNBUFFERED
exec "$python" "$here/$script"
