# The one image of producer, consumer and kafka-ui: Python and the locked libraries, no Java.
FROM python:3.12.13-slim-bookworm AS builder

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.lock ./
# Wheels only: nothing is compiled, and no setup script of a library runs.
RUN /opt/venv/bin/pip install --require-hashes --only-binary=:all: -r requirements.lock


FROM python:3.12.13-slim-bookworm

# NiceGUI keeps its files in the working folder unless told otherwise, and that is not ours to write.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app/src \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    HOME=/tmp \
    NICEGUI_STORAGE_PATH=/tmp/nicegui
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY run.sh produce.py consume.py ./
COPY src/ src/
RUN chmod 755 run.sh \
    && python -m compileall -q src produce.py consume.py \
    && useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin workshop \
    && mkdir /data \
    && chown workshop /data
USER workshop

# ACTION=producer or ACTION=consumer says which.
CMD ["./run.sh"]
