# cxbot 创新奖助手: one static binary on Alpine, which brings the CA certificates and
# the wget of the health check. Redis runs beside it (compose.yaml).
FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /cxbot .

FROM alpine:3.22
RUN adduser -S -u 10001 -h /data cxbot && install -d -m 700 -o cxbot /data
COPY --from=build /cxbot /usr/local/bin/cxbot
USER cxbot
WORKDIR /data
VOLUME /data
ENV CXBOT_DATA_DIR=/data CXBOT_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD wget -q -O /dev/null http://127.0.0.1:8080/readyz
ENTRYPOINT ["cxbot"]
CMD ["serve"]
