module github.com/pairly/pairlog/bench

go 1.25.0

require (
	github.com/DeRuina/timberjack v1.4.9
	github.com/XSAM/otelsql v0.40.0
	github.com/go-chi/httplog/v3 v3.3.0
	github.com/google/uuid v1.6.0
	github.com/m-mizutani/masq v0.2.1
	github.com/ngrok/sqlmw v0.0.0-20220520173518-97c9c04efc79
	github.com/pairly/pairlog v0.0.0
	github.com/phuslu/log v1.0.121
	github.com/rs/zerolog v1.35.1
	github.com/samber/slog-http v1.12.1
	github.com/simukti/sqldb-logger v0.0.0-20230108155151-646c1a075551
	github.com/sirupsen/logrus v1.10.2
	go.opentelemetry.io/otel/metric v1.40.0
	go.opentelemetry.io/otel/trace v1.40.0
	go.uber.org/zap v1.28.0
	go.uber.org/zap/exp v0.3.0
	golang.org/x/perf v0.0.0-20250813145418-2f7363a06fe1
	gopkg.in/natefinch/lumberjack.v2 v2.2.1
)

require (
	filippo.io/age v1.3.1 // indirect
	filippo.io/hpke v0.4.0 // indirect
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/go-chi/chi/v5 v5.1.0 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel v1.40.0 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	golang.org/x/crypto v0.45.0 // indirect
	golang.org/x/sys v0.45.0 // indirect
)

replace github.com/pairly/pairlog => ../
