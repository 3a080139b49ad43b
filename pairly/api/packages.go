package api

import (
	"fmt"
	"net/http"

	"github.com/pairly/pairlog/pairly"
)

// packages shows the catalogue by package id. Prices are whole minor units;
// the display texts are made from them, never the other way round.
func (s *server) packages(w http.ResponseWriter, r *http.Request) error {
	type packageAnswer struct {
		Label        string `json:"label"`
		Credits      int64  `json:"credits"`
		BonusCredits int64  `json:"bonus_credits"`
		USDCents     int64  `json:"price_usd_cents"`
		INRPaise     int64  `json:"price_inr_paise"`
		DisplayUSD   string `json:"display_usd"`
		DisplayINR   string `json:"display_inr"`
	}
	out := map[string]packageAnswer{}
	for _, p := range pairly.Packages() {
		out[p.ID] = packageAnswer{
			Label: p.Label, Credits: p.Credits, BonusCredits: p.Bonus, USDCents: p.USDCents, INRPaise: p.INRPaise,
			DisplayUSD: display("$", p.USDCents), DisplayINR: display("₹", p.INRPaise),
		}
	}
	respond(w, http.StatusOK, map[string]any{"packages": out})
	return nil
}

// display writes an amount of hundredths with its currency's sign.
func display(sign string, minor int64) string {
	return fmt.Sprintf("%s%d.%02d", sign, minor/100, minor%100)
}
