# userreg in a container: settings by the environment, nothing written outside /data and /tmp.
#
#   docker build -t userreg .
#   docker run --rm --read-only --tmpfs /tmp -e BOT_TOKEN=… -v userreg:/data userreg
#
# Other commands: docker run … userreg userreg doctor. There is no ENTRYPOINT, so that platforms can
# run the Procfile's lines in it, and no EXPOSE, so that they give it a PORT.
ARG PYTHON=python:3.13-slim

FROM ${PYTHON} AS build
RUN python3 -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements.txt \
    && /venv/bin/pip uninstall --yes pip
WORKDIR /app
COPY LICENSE Procfile app.json ./
COPY migrations migrations
COPY userreg userreg
RUN printf '#!/venv/bin/python\nfrom userreg.cli import main\nmain()\n' >/venv/bin/userreg \
    && chmod 755 /venv/bin/userreg \
    && /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash userreg migrations

FROM ${PYTHON}
LABEL org.opencontainers.image.title="userreg" \
      org.opencontainers.image.description="A Telegram bot that remembers users, chats and memberships" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin userreg \
    && install -d -o userreg -g userreg /data
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1
# SQLite's file, where no DATABASE_URL names another database.
WORKDIR /data
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["userreg", "healthcheck"]
CMD ["userreg", "run"]
