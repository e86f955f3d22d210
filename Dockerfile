# One image for web and worker: no root, nothing written outside /var/lib/hatangso and /tmp.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/hatangso
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN /opt/hatangso/bin/pip install --require-hashes -r requirements.lock
COPY src src
RUN /opt/hatangso/bin/pip install --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client libexpat1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/hatangso --create-home hatangso
COPY --from=build /opt/hatangso /opt/hatangso
ENV PATH=/opt/hatangso/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8 \
    HATANGSO_HOME=/var/lib/hatangso NUMBA_CACHE_DIR=/tmp/numba
USER hatangso
WORKDIR /var/lib/hatangso
VOLUME /var/lib/hatangso
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["hatangso", "serve", "--host", "0.0.0.0"]
