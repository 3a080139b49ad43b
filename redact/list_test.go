package redact_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestNamesInLists: a list of a name and its value was redacted in text and not in JSON.
func TestNamesInLists(t *testing.T) {
	v := j("k3yv4lue", "x91z")
	for _, name := range []string{"X-Api-Key", "password", "apiKey", "client_secret", "token", "--token", "Authorization", "Cookie", "DB_PASSWORD"} {
		for _, list := range []string{`["%s","%s"]`, `{"a":["x","%s","%s"]}`, `[["a","b"],["%s","%s"]]`, `{"a":"[\"%s\",\"%s\"]"}`} {
			doc := fmt.Sprintf(list, name, v)
			if out := string(maskOnly.AppendJSON(nil, []byte(doc))); strings.Contains(out, v) {
				t.Errorf("AppendJSON(%s) = %s, want it without the secret", doc, out)
			}
		}
		if !maskOnly.Announced(name, v) {
			t.Errorf("Announced(%q, %q) = false, want true", name, v)
		}
	}
	for _, doc := range []string{`["password","hunter2"]`, `["password","hunter_2"]`, `["user","x","password","Summer1"]`, `["apiKey","swordFish7"]`} {
		if out := string(maskOnly.AppendJSON(nil, []byte(doc))); strings.Contains(out, "2\"") || strings.Contains(out, "1\"") || strings.Contains(out, "7\"") {
			t.Errorf("AppendJSON(%s) = %s, want it without the secret", doc, out)
		}
	}
	for _, doc := range []string{
		`["password","address2"]`, `["password","password2"]`, `["password","addressLine2"]`, `["token","QUESTION_1","ANSWER_1"]`, `["secret","field_3"]`, `["password","userEmail2"]`,
		`["password","email","user_id"]`, `["password","userEmail","apiKey","displayName"]`, `["token","expired"]`, `["password",""]`, `["X-Api-Key","X-CSRF-Token"]`,
		`["password","required"]`, `["token_type","a1b2c3d4e5"]`, `["email","k3yv4luex91z"]`, `["user_id","k3yv4luex91z"]`, `["author","bob7"]`, `["Authorization","Content-Type"]`,
		`["secret santa","bob7"]`, `["password",null]`, `["password",["a1"]]`, `["password"]`,
	} {
		if out := string(maskOnly.AppendJSON(nil, []byte(doc))); out != doc {
			t.Errorf("AppendJSON(%s) = %s, want it unchanged", doc, out)
		}
	}
}
