package demo

import (
	"encoding/base64"
	"strings"
)

// The secrets that simulated users put where secrets do not belong: in a
// query, in a browser's name, in the name of a device. They are made up, and
// put together here, so that no scanner of source code takes them for real.
var (
	plantedCard = strings.Join([]string{"4111", "1111", "1111", "1111"}, " ") // the test number of the card networks
	plantedKey  = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
	plantedJWT  = strings.Join([]string{
		b64(`{"alg":"HS256","typ":"JWT"}`),
		b64(`{"sub":"somebody","role":"admin"}`),
		b64("the signature of nobody in particular"),
	}, ".")
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// planted are what [Play] hands to Watch before it starts: nobody may find
// one of them in the log.
var planted = []struct{ what, secret string }{
	{"card number", plantedCard},
	{"card number", strings.ReplaceAll(plantedCard, " ", "")},
	{"API key", plantedKey},
	{"JWT", plantedJWT},
	{"password", demoPassword},
	{"wrong password", wrongPassword},
	{"message text", privateText},
}

const (
	demoPassword  = "correct-horse-7-battery"
	wrongPassword = "incorrect-pony-9"
	privateText   = "see you at the old lighthouse"
)
