package realtime_test

import (
	"encoding/json"
	"testing"

	"github.com/pairly/pairlog/pairly/realtime"
)

// Whatever a client sends, a frame is either one of the known types and valid
// JSON, or refused with a code of the protocol; what is logged of its type is
// never the client's text.
func FuzzParseFrame(f *testing.F) {
	for _, seed := range []string{
		toBob, `{"type":"ping"}`, `{"type":"typing"}`, `{"type":"ping","type":"chat_message"}`,
		`{"TYPE":"ping"}`, " \n{\"type\":\"ping\"}", `[{"type":"ping"}]`, `{"type":"ping"} x`, "{\"type\":\"\xff\"}", `null`, ``, `{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frameType, logged, code := realtime.ParseFrame(data)
		switch logged {
		case "chat_message", "ping", "unknown":
		default:
			t.Errorf("type for the log = %q, want a known one or unknown", logged)
		}
		switch code {
		case "":
			if frameType != logged || frameType == "unknown" {
				t.Errorf("accepted a frame of type %q as %q", frameType, logged)
			}
			if !json.Valid(data) {
				t.Errorf("accepted %q, which is no JSON", data)
			}
		case "invalid_payload", "unknown_type":
		default:
			t.Errorf("error code = %q, want one of the protocol", code)
		}
	})
}
