package pairlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// levelsBody is what the handler of LevelHandler reads and writes.
type levelsBody struct {
	// Level is the default of all loggers.
	Level string `json:"level,omitempty"`
	// Levels are by logger prefix; null takes one back.
	Levels map[string]*string `json:"levels,omitempty"`
}

// maxLevelsBody bounds a request to the level handler, in bytes.
const maxLevelsBody = 64 << 10

// LevelHandler returns a handler that shows and changes levels while the service
// runs. GET answers
//
//	{"level":"INFO","levels":{"db":"DEBUG"}}
//
// and PUT or POST take the same, with what is to change; null for a prefix takes
// its level back. Nothing is changed when anything in the request is wrong; the
// answer is then 400 with {"error":"…"}. Each change is logged as
// log_level_changed. It does no authentication: mount it behind yours.
func (p *Pipeline) LevelHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPut, http.MethodPost:
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLevelsBody))
			if err == nil {
				err = p.changeLevels(body)
			}
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
				return
			}
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		_ = json.NewEncoder(w).Encode(p.levelsBody())
	})
}

func (p *Pipeline) levelsBody() levelsBody {
	base, prefixes, byPrefix := p.levels.snapshot()
	b := levelsBody{Level: LevelName(base), Levels: map[string]*string{}}
	for _, prefix := range prefixes {
		name := LevelName(byPrefix[prefix])
		b.Levels[prefix] = &name
	}
	return b
}

// changeLevels applies body, all of it or nothing.
func (p *Pipeline) changeLevels(body []byte) error {
	var b levelsBody
	// A member that is not known is refused: {"prefix":"db","level":"DEBUG"}
	// would change the level of everything.
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return fmt.Errorf("parse levels: %w", err)
	}
	if dec.More() {
		return errors.New("parse levels: want one JSON object, got more behind it")
	}
	set := map[string]slog.Level{}
	if b.Level != "" {
		l, err := ParseLevel(b.Level)
		if err != nil {
			return err
		}
		set[""] = l
	}
	for prefix, name := range b.Levels {
		if prefix == "" {
			return fmt.Errorf(`parse levels: want a prefix in levels, got "" (the default is level)`)
		}
		if name == nil {
			continue
		}
		l, err := ParseLevel(*name)
		if err != nil {
			return err
		}
		set[prefix] = l
	}
	for prefix, l := range set {
		p.SetLevel(prefix, l)
	}
	for prefix, name := range b.Levels {
		if name == nil {
			if from, to := p.levels.unset(prefix); from != to {
				p.report.levelChanged(prefix, from, to)
			}
		}
	}
	return nil
}
