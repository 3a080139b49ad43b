package redact

// foreignWords are names of passwords, keys and cards in other languages, as
// single words and as runs, in small letters and, where keys are often written
// so, without accents.
var foreignWords = map[string]strength{
	// German, Dutch, Danish, Norwegian, Swedish, Finnish
	"kennwort": strStrong, "geheimnis": strStrong, "geheim": strStructured, "kreditkartennummer": strStrong,
	"kreditkarte": strStructured, "kartennummer": strStrong, "kontonummer": strStrong, "prüfziffer": strStructured,
	"wachtwoord": strStrong, "adgangskode": strStrong, "passord": strStrong, "lösenord": strStrong, "losenord": strStrong,
	"salasana": strStrong,
	// Spanish, Catalan, Portuguese, French, Italian, Romanian
	"contraseña": strStrong, "contrasena": strStrong, "contrasenya": strStrong, "clave": strStructured,
	"secreto": strStructured, "numerotarjeta": strStrong, "numerodetarjeta": strStrong, "senha": strStrong,
	"segredo": strStrong, "numerocartao": strStrong, "numerodecartao": strStrong, "motdepasse": strStrong, "mdp": strStrong,
	"numerocarte": strStrong, "numerodecarte": strStrong, "parola": strStructured, "codicesegreto": strStrong,
	// Polish, Czech, Slovak, Hungarian, Turkish, Russian, Ukrainian
	"hasło": strStrong, "haslo": strStrong, "heslo": strStrong, "jelszó": strStrong, "jelszo": strStrong, "şifre": strStrong,
	"sifre": strStrong, "пароль": strStrong, "parol": strStructured, "секрет": strStrong, "токен": strStrong,
	// Hindi, Chinese, Japanese, Korean
	"पासवर्ड": strStrong, "密码": strStrong, "密碼": strStrong, "口令": strStrong, "密钥": strStrong, "令牌": strStrong,
	"验证码": strStrong, "身份证号": strStrong, "パスワード": strStrong, "暗証番号": strStrong, "トークン": strStrong,
	"비밀번호": strStrong, "토큰": strStrong,
}
