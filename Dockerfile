# The page in a container: small (no compiler, no caches), not as root, corpus and index as volumes.
#   docker build -t reportqa . && docker run -p 127.0.0.1:7860:7860 -v reportqa-index:/app/index reportqa
# Arguments behind the image's name go to serve.py. The unpacked model (480 MB) lies in /app/cache.

FROM python:3.11-slim AS installed
COPY requirements.txt /
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir \
       --extra-index-url https://download.pytorch.org/whl/cpu -r /requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/app/cache \
    REPORTQA_CACHE=/app/cache \
    REPORTQA_PORT=7860
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin reportqa \
    && install -d -o reportqa -g reportqa /app/index /app/cache
WORKDIR /app
COPY --from=installed /venv /venv
COPY . ./
USER 10001
VOLUME ["/app/corpus", "/app/index", "/app/cache"]
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=5s --start-period=10m \
    CMD ["python", "deploy/healthy.py"]
ENTRYPOINT ["deploy/start.sh"]
