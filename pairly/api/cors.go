package api

import (
	"net/http"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/pairly"
)

// cors tells browsers which pages may call the API: those of the listed
// origins, never any. There are no cookies, so no credentials are allowed.
// It answers preflight requests itself; they are not counted by the limits.
func (s *server) cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		allowed := origin != "" && s.origins[origin]
		if allowed {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "X-Request-ID, Retry-After")
		}
		if r.Method != http.MethodOptions || origin == "" || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if !allowed {
			err := pairly.Errorf(pairly.EForbidden, "origin_not_allowed", "This page may not call the API.")
			httplog.SetError(r.Context(), err)
			writeError(w, r, err, http.StatusForbidden)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-ID")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}
