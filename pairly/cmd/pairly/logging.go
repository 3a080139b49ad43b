package main

import (
	"path/filepath"
	"slices"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
)

// contentKeys hold what users say to each other or tell about themselves. The
// log has the length of it, under the key with "_length" after it.
var contentKeys = []string{
	"content", "message", "text", "bio", "description", "moderator_notes",
	"offer_sdp", "answer_sdp", "candidate", "payment_details",
}

// keptKeys hold one of contentKeys as a word and are no content.
var keptKeys = []string{
	"content_type", "content_length", "content_encoding", "content_language", "content_disposition",
	"content_id", "candidate_id", "text_length", "bio_length", "description_length",
	"error_message", "message_id", "client_message_id", "message_length", "message_sent",
}

// logConfig returns how the log is configured: by the LOG_ variables, with a
// file in the data folder outside production.
func (p *Program) logConfig(o options, production bool) pairlog.Config {
	if p.Unlogged {
		// The queue is memory here; a large one would make the garbage collector
		// run less often, which is not what is measured.
		return pairlog.Config{Level: pairlog.LevelCritical, Out: p.Stderr, Err: p.Stderr,
			QueueBytes: 64 << 10, RecorderBytes: -1, Now: p.Now}
	}
	c := pairlog.FromEnv()
	if path := p.Getenv("LOG_FILE_PATH"); path != "" {
		c.FilePath = path
	} else if !production {
		c.FilePath = filepath.Join(o.data, "app.log")
	}
	c.Redact.Content = slices.Concat(c.Redact.Content, contentKeys)
	for _, name := range keptKeys {
		c.Redact.Keys = append(c.Redact.Keys, redact.KeyRule{Name: name, Class: redact.ClassKeep})
	}
	c.Out, c.Err, c.Now = p.Stdout, p.Stderr, p.Now
	if p.Log != nil {
		p.Log(&c)
	}
	return c
}
