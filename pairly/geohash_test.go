package pairly_test

import (
	"testing"

	"github.com/pairly/pairlog/pairly"
)

func TestGeohash(t *testing.T) {
	f := func(lat, lng float64, want string) {
		t.Helper()
		if got := (pairly.Location{Lat: lat, Lng: lng}).Geohash(); got != want {
			t.Errorf("Location{%v, %v}.Geohash() = %q, want %q", lat, lng, got, want)
		}
	}
	f(57.64911, 10.40744, "u4pruy") // the example of the article
	f(48.8566, 2.3522, "u09tvw")
	f(0, 0, "s00000")
	f(-90, -180, "000000")
	f(90, 180, "zzzzzz")
}
