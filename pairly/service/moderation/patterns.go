package moderation

import "fmt"

// patterns returns the built-in lists by group.
func patterns() [groups][]string {
	var p [groups][]string
	p[sexual] = []string{
		// explicit
		"sex", "sexting", "sext", "porn*", "xxx", "nude", "nudes", "naked", "blowjob*", "handjob*",
		"cum", "cumshot*", "creampie", "cock", "dick", "dick pic*", "pussy", "anal", "orgasm*", "masturbat*",
		"horny", "fuck me", "fuck you hard", "gangbang*", "deepthroat*", "hentai", "tits", "boobs",
		// solicitation
		"send nudes", "pay for sex", "sex for money", "meet for sex", "escort*", "happy ending", "full service",
		"sugar daddy", "sugar baby", "paid meet*", "cash for a night",
		// euphemisms
		"netflix and chill", "friends with benefits", "no strings attached", "special massage", "one night stand",
		"come to my bed", "in your panties",
	}
	p[violence] = []string{
		"kill you", "kill yourself", "kys", "kill him", "kill her", "kill them", "murder*", "stab*", "shoot you", "shoot up",
		"behead*", "rape*", "torture*", "beat you up", "hang yourself", "slit your", "massacre*", "strangle*",
		"blow you up", "bomb threat", "break your legs", "burn you", "acid attack",
	}
	p[minorsCritical] = []string{
		"child porn*", "kiddie porn*", "kid porn*", "teen porn*", "child sex", "sex with minors", "sex with a minor", "sex with kids",
		"sex with children", "underage sex", "underage girls", "underage boys", "underage nudes", "preteen*", "lolicon", "shotacon", "jailbait", "csam",
	}
	p[minorsAmbiguous] = []string{
		"young", "kid", "kids", "teen", "teens", "teenage*", "minor", "minors", "underage", "schoolgirl*", "schoolboy*",
		"barely legal", "little girl", "little girls", "little boy", "little boys", "loli", "pedo*",
	}
	p[minorsContext] = []string{"child", "children", "girl next door", "daughter", "stepdaughter", "nephew", "niece", "toddler*"}
	for age := 8; age < 18; age++ {
		for _, form := range []string{"%d years old", "%d year old", "%d yo", "%dyo", "i am %d", "im %d", "turning %d"} {
			p[minorsAmbiguous] = append(p[minorsAmbiguous], fmt.Sprintf(form, age))
		}
	}
	return p
}
