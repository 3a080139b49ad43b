package api

import (
	"context"
	"log/slog"
	"net/http"
)

// Readiness returns what /api/health/ready does with the checks.
func Readiness(checks ...Check) func(ctx context.Context) error {
	var y readiness
	y.init(checks)
	return func(ctx context.Context) error {
		_, err := y.run(ctx, slog.New(slog.DiscardHandler))
		return err
	}
}

// ReadBody reads r's body as handlers do, takes the texts, integers and
// objects with the names, and returns the rules that were broken.
func ReadBody(r *http.Request, text, integer, object string) (broken []string, err error) {
	f, err := readBody(r)
	if err != nil {
		return nil, err
	}
	f.text(text, textRule{Max: 100, Optional: true})
	zero := int64(0)
	f.integer(integer, -10, 10, &zero)
	f.object(object, func(in *fields) { in.number("lat", -90, 90) })
	if f.err() == nil {
		return nil, nil
	}
	for _, b := range f.broken {
		broken = append(broken, b.Field+":"+b.Rule)
	}
	return broken, nil
}
