# syntax=docker/dockerfile:1

# The service as an image: the built program and its production dependencies, nothing else.
# The base is pinned to the index of all platforms: the same bytes on every day and every machine. Move tag and digest together
# (docker buildx imagetools inspect node:24.21.0-trixie-slim).
ARG NODE_IMAGE=node:24.21.0-trixie-slim@sha256:173f125896c3b47ddf056734c7ea789d04595a6a08769a8f78e0df642781fb66

# Both stages that run something run on the building machine's own platform. What they make is JavaScript and fits every
# platform, so an arm64 image is built on any machine without emulation.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the build needs none, and a package has no business running code here. No workspaces: packages/ is
# the embedded stack, which the image does not carry.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --workspaces=false --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src/ src/
RUN npm run build

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# A package that the tests share with the embedded stack is a production package of the workspace, so --omit=dev alone
# would leave it in.
RUN npm pkg delete workspaces devDependencies
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="sparkify-ingest" \
      org.opencontainers.image.description="Event-driven, incremental ingestion of JSON files from S3 into an Amazon Redshift star schema" \
      org.opencontainers.image.licenses="Apache-2.0"
# One arena: glibc then gives back what short-lived buffers took.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=1
WORKDIR /app
# Owned by root and never written to: the program keeps nothing on disk, and the root file system may be read-only.
COPY --from=packages /app/node_modules/ node_modules/
COPY package.json LICENSE ./
COPY sql/ sql/
COPY --from=build /app/dist/ dist/
# uid and gid of "node", as numbers, so that a supervisor can see that it is not root.
USER 1000:1000
EXPOSE 8080
# Alive, not ready: a consumer that waits for a paused warehouse must not be killed for it. Node is there, curl is not.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As a list and without npm or a shell in between, so that SIGTERM reaches the program itself. A young generation of a few
# megabytes suffices for a program that handles keys (src/app/small-heap.ts). Other commands: docker run … migrate.
ENTRYPOINT ["node", "--max-semi-space-size=2", "--enable-source-maps", "/app/dist/cli/main.js"]
CMD ["consume", "--http", "0.0.0.0:8080"]
