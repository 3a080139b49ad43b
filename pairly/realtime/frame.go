package realtime

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
)

// maxFrameBytes is the length of the longest frame that a client may send,
// after reassembly.
const maxFrameBytes = 16 << 10

// The frames of a client.
const (
	frameChat = "chat_message"
	framePing = "ping"
	// frameUnreadable stands in the logs for what has no type, or one that
	// nobody knows: the type is the client's own text.
	frameUnreadable = "unknown"
)

// authFrame is the first frame of a socket. Other members are ignored.
type authFrame struct {
	Token string `json:"token"`
}

// clientFrame is a frame of an authenticated client.
type clientFrame struct {
	Type            string `json:"type"`
	RecipientID     string `json:"recipient_id"`
	Content         string `json:"content"`
	ClientMessageID string `json:"client_message_id"`
}

// parseFrame reads a frame strictly: one JSON object, known members of the
// right type only. kind is the type for the logs; invalid is the answer to a
// frame that cannot be read, nil otherwise.
func parseFrame(data []byte) (f clientFrame, kind string, invalid *pairly.Error) {
	if !utf8.Valid(data) {
		return f, frameUnreadable, invalidPayload("The frame must be UTF-8.")
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil || data[firstByte(data)] != '{' {
		return f, frameUnreadable, invalidPayload("The frame must be a JSON object with a type.")
	}
	switch head.Type {
	case frameChat, framePing:
	case "":
		return f, frameUnreadable, invalidPayload("The frame has no type.")
	default:
		return f, frameUnreadable, pairly.Errorf(pairly.EInvalid, "unknown_type", "This type of frame is not known here.")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if dec.Decode(&f) != nil {
		return f, head.Type, invalidPayload("The frame has a member that is not known here, or of another type.")
	}
	return f, head.Type, nil
}

// firstByte returns the index of the first byte that is no JSON white space.
func firstByte(data []byte) int {
	return len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
}

func invalidPayload(message string) *pairly.Error {
	return pairly.Errorf(pairly.EInvalid, "invalid_payload", "%s", message)
}

// timestampLayout is the API's: RFC 3339, UTC, three decimals.
const timestampLayout = "2006-01-02T15:04:05.000Z"

func connectedFrame(userID, connectionID string) []byte {
	return encode(struct {
		Type         string `json:"type"`
		UserID       string `json:"user_id"`
		ConnectionID string `json:"connection_id"`
	}{"connected", userID, connectionID})
}

func sentFrame(messageID, clientMessageID string, charged, balance int64) []byte {
	return encode(struct {
		Type            string `json:"type"`
		MessageID       string `json:"message_id"`
		ClientMessageID string `json:"client_message_id"`
		CreditsCharged  int64  `json:"credits_charged"`
		NewBalance      int64  `json:"new_balance"`
	}{"message_sent", messageID, clientMessageID, charged, balance})
}

func newMessageFrame(messageID, senderID, content string, sentAt time.Time) []byte {
	return encode(struct {
		Type      string `json:"type"`
		MessageID string `json:"message_id"`
		SenderID  string `json:"sender_id"`
		Content   string `json:"content"`
		SentAt    string `json:"sent_at"`
	}{"new_message", messageID, senderID, content, sentAt.UTC().Format(timestampLayout)})
}

// errorFrame tells the client what was wrong with a frame, with the details
// that e has for it, such as retry_after. Members of the frame win over
// details of the same name.
func errorFrame(e *pairly.Error) []byte {
	m := make(map[string]any, len(e.Details)+3)
	for k, v := range e.Details {
		m[k] = v
	}
	m["type"], m["code"], m["message"] = "error", e.Code, e.Message
	return encode(m)
}

var pongFrame = []byte(`{"type":"pong"}`)

func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		// Only a value that JSON cannot hold in an error's details comes here.
		return []byte(`{"type":"error","code":"internal_error","message":"The answer could not be written."}`)
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}
