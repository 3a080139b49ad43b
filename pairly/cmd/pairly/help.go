package main

const help = `pairly runs the Pairly backend: accounts, profiles, credits and paid chat over
HTTP and WebSocket, with every step in a structured log.

Start here

  pairly --demo --for 10s   watch it work: simulated users against a real
                            server, the log as it happens, a summary at the end
  pairly                    serve the API on http://127.0.0.1:8080/api
  curl localhost:8080/api/health

Usage

  pairly [flags]
  pairly admin create --email ADDRESS [--name NAME] [--data DIR] < password-file

Flags

  --addr HOST:PORT   where to listen (default 127.0.0.1:8080); port 0 takes a
                     free one, and the app_started line says which
  --data DIR         folder for the database, the keys of development and the
                     log (default ./pairly-data); made when it is missing
  --demo             play simulated users against the server, then sum up what
                     the log recorded; never in production
  --for DURATION     stop cleanly after this long, such as 10s or 5m
                     (default: run until a signal)
  --version          print the version
  --help             print this text

Commands

  admin create       make an administrator. No request over HTTP can do this.
                     The password is the first line of standard input:
                       pairly admin create --email you@example.com
                     Run it with the --data and DATABASE_URL of the service.

Signals

  SIGTERM, SIGINT    stop accepting, finish what runs, close the sockets, write
                     every log line, then exit. Another one, half a second
                     later or more, exits at once.

Environment (each is optional outside production)

  ENVIRONMENT        development (default), test, staging or production.
                     Production refuses to start with secrets that are missing
                     or shorter than 32 bytes.
  DATABASE_URL       sqlite://FILE (default: DIR/pairly.db) or
                     postgres://USER:PASSWORD@HOST/NAME
  REDIS_URL          redis://HOST:PORT to share limits and caches between
                     instances (default: the process's memory)
  JWT_SECRET, FINGERPRINT_KEY, ENCRYPTION_KEY
                     secrets of 32 bytes or more, all different. Outside
                     production, missing ones are made and kept in DIR.
  STRIPE_WEBHOOK_SECRET, RAZORPAY_WEBHOOK_SECRET
                     required in production
  FRONTEND_URL, CORS_ORIGINS
                     which web pages may call the API
                     (default http://localhost:3000)
  TRUSTED_PROXIES    CIDRs whose X-Forwarded-For is believed (default: none)
  AUDIT_ALL_MESSAGES true: audit free messages too, not only paid ones
  LOG_QUERIES        true: log each SQL statement, without its values, at DEBUG

  LOG_LEVEL          DEBUG, INFO (default), WARNING, ERROR or CRITICAL
  LOG_LEVELS         by logger: db=DEBUG,api.request=WARNING
  LOG_FILE_PATH      the JSON log (default DIR/app.log; in production
                     /var/log/pairly/app.log)
  LOG_FORMAT         console (default) or json (default in production), for
                     the terminal; the file is always JSON
  LOG_PII_MODE       e-mail and IP addresses: mask (default), hash or full
  NO_COLOR           anything: no colours
  More LOG_ variables are in README.md.

Exit status

  0  stopped cleanly    1  failed while starting or running    2  wrong flags or
                                                                  configuration
`
