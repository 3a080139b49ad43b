package redact

// letterNoise reports whether a text with hardly a digit looks random: its letters
// follow each other as they do not in words, and change between small and capital
// ones elsewhere than where a word begins.
func letterNoise(text string) bool {
	score, prev := 0, uint(0)
	for i := 0; i < len(text); i++ {
		c := uint(letterCodes[text[i]])
		score += int(letterScores[prev<<6|c])
		prev = c
	}
	return score <= maxNoise
}

// maxNoise is the score up to which letters are noise. Of words of 24 random letters
// fewer than one in a hundred are above it (TestRandomLettersAreNoise).
const maxNoise = -8

// letterCodes are the letters by number, capital ones from 32 on; 0 is for all else.
var letterCodes = func() (t [256]uint8) {
	for c := range t {
		if isLetter(byte(c)) {
			t[c] = uint8(c&31 | ^c&0x20)
		}
	}
	return t
}()

// letterScores are those of two codes in a row, in half bits.
var letterScores = func() (t [64 * 64]int8) {
	for i, row := range letterPairs {
		for k, n := range row {
			a, b := i+1, k+1
			score := 2 * int8(n-'4')
			t[a<<6|b], t[(a|32)<<6|b], t[(a|32)<<6|b|32] = score, score, score
			t[a<<6|b|32] = -3 // the beginning of a word, which random letters have more often
		}
	}
	return t
}()

// letterPairs says how likely the letter of a column follows that of a row within a
// word: 4 as if by chance, one more twice as likely, one less half as likely. Counted
// over the words of all identifiers and comments in the standard library of Go 1.26,
// each at most fifty times, without its tests.
var letterPairs = [26]string{
	"14551230402645040656341220",
	"53325320630612530553521030",
	"61425235405432620445430020",
	"52357320610422421552432330",
	"42563330200446132665132400",
	"52445621600543530444401130",
	"42427234500335531553421000",
	"61247210600331610534402030",
	"33544440000447530355040203",
	"51336441302243530264613100",
	"41237342600434331164212020",
	"51346221602512620244321050",
	"64226110602241660153510000",
	"51555360403323510156330010",
	"33541330302456350644444100",
	"61436223402530550655401010",
	"13441221200422022442712113",
	"61347220503343520454321030",
	"41426125603322441356502040",
	"51326214600321530554401240",
	"44434430400556250555000200",
	"63337422500342452243223201",
	"62335315600325531652202200",
	"53535512500231461336322320",
	"32324000500356370365003003",
	"53327202500311400220113324",
}
