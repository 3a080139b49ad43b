package pairly

// A Package is a bundle of credits at a fixed price per currency.
type Package struct {
	ID       string
	Label    string
	Credits  int64
	Bonus    int64 // credits on top
	USDCents int64
	INRPaise int64
}

// Packages returns the catalogue, smallest first: the only one, for every
// route that shows or sells packages.
func Packages() []Package {
	return []Package{
		{ID: "starter", Label: "Entry", Credits: 50, Bonus: 0, USDCents: 499, INRPaise: 39900},
		{ID: "popular", Label: "Most chosen", Credits: 120, Bonus: 10, USDCents: 999, INRPaise: 79900},
		{ID: "premium", Label: "Best value", Credits: 300, Bonus: 50, USDCents: 1999, INRPaise: 159900},
		{ID: "ultimate", Label: "Largest", Credits: 1000, Bonus: 200, USDCents: 4999, INRPaise: 399900},
	}
}
