package redact

// strength says how much a key proves about its value.
type strength uint8

const (
	// strNone: nothing.
	strNone strength = iota
	// strHint: the value is a secret if it looks random ("regular_key").
	strHint
	// strStructured: a secret as the key of an attribute or in JSON; in running
	// text the word is ordinary English, so the value must look random too.
	strStructured
	// strWord: a secret everywhere, but the single word also stands before a
	// colon in ordinary sentences ("invalid token: it has expired").
	strWord
	// strStrong: a secret everywhere.
	strStrong
	// strHeader: like strStrong, and the value runs to the end of the line.
	strHeader
)

// secretWords are single words of a key. A compound key with one of them is at
// least strStrong, because nobody writes mysql_password in a sentence.
var secretWords = map[string]strength{
	"password": strStrong, "passwords": strStrong, "passwd": strStrong, "passw": strStrong,
	"passwort": strStrong, "pwd": strStrong, "pass": strWord, "passphrase": strStrong,
	"passcode": strStrong, "psw": strStrong, "pword": strStrong,
	"secret": strWord, "secrets": strWord, "credential": strWord, "credentials": strWord,
	"creds": strWord, "cred": strStructured,
	"token": strWord, "jwt": strWord, "bearer": strStructured, "csrf": strStrong, "xsrf": strStrong,
	"authorization": strHeader, "cookie": strHeader, "cookies": strStructured,
	"apikey": strStrong, "apikeys": strStrong,
	"cvv": strStrong, "cvv2": strStrong, "cvc": strStrong, "cvc2": strStrong, "cvn": strStrong,
	"cav2": strStrong, "csc": strStructured, "ssn": strStrong, "pin": strStructured,
	"otp": strStrong, "totp": strStrong, "hotp": strStrong, "otpauth": strStrong,
	"phpsessid": strStrong, "sessid": strStrong, "jsessionid": strStrong, "sessionid": strStructured,
	"session": strStructured, "sid": strStructured, "salt": strStructured, "crypt": strStructured,
	"certificate": strStructured, "signature": strStructured, "hmac": strStructured,
	"auth": strStructured, "authority": strHint, "iban": strStrong,
	"privkey": strStrong, "seed": strHint, "mnemonic": strStrong, "keystore": strHint,
	"passwrd": strStrong, "pw": strStrong, "dbpw": strStrong, "userpw": strStrong, "rootpw": strStrong, "adminpw": strStrong,
	"bindpw": strStrong, "pwhash": strStrong, "dbpass": strStrong, "userpass": strStrong, "rootpass": strStrong,
	"adminpass": strStrong, "smtppass": strStrong, "ftppass": strStrong, "mailpass": strStrong, "requirepass": strStrong,
	"aadhaar": strStrong, "aadhar": strStrong, "cpf": strStrong, "itin": strStrong, "mpin": strStrong,
	"assertion": strStructured, "ticket": strHint, "magic": strHint,
	"sig": strStructured, "code": strHint, "pepper": strStructured, "sas": strHint, "key": strHint, "codeverifier": strStrong,
}

// secretRuns are runs of two or three words, joined. One word spelled the same
// way matches too: api_key, apiKey, apikey.
var secretRuns = map[string]strength{
	"apikey": strStrong, "appkey": strStrong, "applicationkey": strStrong, "accesskey": strStrong,
	"secretkey": strStrong, "privatekey": strStrong, "privkey": strStrong, "privacykey": strStrong,
	"authkey": strStrong, "authenticationkey": strStrong, "certkey": strStrong, "consumerkey": strStrong,
	"clientkey": strStrong, "encryptionkey": strStrong, "encryptkey": strStrong, "decryptionkey": strStrong,
	"signingkey": strStrong, "signkey": strStrong, "masterkey": strStrong, "licensekey": strStrong,
	"licencekey": strStrong, "accountkey": strStrong, "sharedkey": strStrong, "sshkey": strStrong,
	"sessionkey": strStrong, "securitykey": strStrong, "servicekey": strStrong,
	"subscriptionkey": strStrong, "partnerkey": strStrong, "functionskey": strStrong,
	"rapidapikey": strStrong, "websocketkey": strStrong, "deploykey": strStrong, "storagekey": strStrong,
	"hmackey": strStrong, "aeskey": strStrong, "rsakey": strStrong, "pgpkey": strStrong,
	"gpgkey": strStrong, "jwtkey": strStrong, "webhookkey": strStrong, "adminkey": strStrong,
	"rootkey": strStrong, "serverkey": strStrong, "writekey": strStrong, "ingestkey": strStrong,
	"ingestionkey": strStrong, "sendkey": strStrong, "datakey": strStrong, "wrappingkey": strStrong,
	"unsealkey": strStrong, "recoverykey": strStrong, "presharedkey": strStrong, "psk": strStrong,
	"keymaterial": strStrong, "cryptokey": strStrong, "integrationkey": strStrong,
	"cardnumber": strStrong, "cardnum": strStrong, "cardno": strStrong, "cardpan": strStrong,
	"cardcvv": strStrong, "cardcvc": strStrong, "creditcard": strStrong, "debitcard": strStrong,
	"ccnumber": strStrong, "ccnum": strStrong, "ccno": strStrong, "accountnumber": strStrong,
	"acctnumber": strStrong, "bankaccount": strStrong, "socialsecurity": strStrong,
	"nationalid": strStrong, "nationalinsurance": strStrong, "passportnumber": strStrong,
	"passportno": strStrong, "taxid": strStrong, "aadhaarnumber": strStrong,
	"driverlicense": strStrong, "driverslicense": strStrong,
	"twofactor": strStrong, "twofa": strStrong, "2facode": strStrong, "mfacode": strStrong,
	"verificationcode": strStrong, "securitycode": strStrong, "authcode": strStrong,
	"authorizationcode": strStrong, "resetcode": strStrong, "backupcode": strStrong,
	"backupcodes": strStrong, "recoverycode": strStrong, "recoverycodes": strStrong,
	"smscode": strStrong, "otpcode": strStrong, "logincode": strStrong, "pincode": strStructured,
	"codeverifier": strStrong, "qrcode": strStrong, "secretid": strStrong, "tokenid": strStrong,
	"connectionstring": strStrong, "connstring": strStrong, "communitystring": strStrong,
	"communitystrings": strStrong, "seedphrase": strStrong, "magiclink": strStrong,
	"authtenantid": strStructured, "idtoken": strStrong,
	"accesstokens": strStrong, "refreshtokens": strStrong, "apitokens": strStrong,
	"authtokens": strStrong, "bearertokens": strStrong, "sessiontokens": strStrong,
	"privatetokens": strStrong, "setcookie": strHeader, "setcookie2": strHeader,
	"proxyauthorization": strHeader, "stripesignature": strHeader, "razorpaysignature": strStrong,
	"apikeys": strStrong, "accesskeys": strStrong, "privatekeys": strStrong, "secretkeys": strStrong,
	"enckey": strStrong, "tlskey": strStrong, "sslkey": strStrong, "privatepem": strStrong, "walletkey": strStrong,
	"walletseed": strStrong, "seedwords": strStrong, "recoveryphrase": strStrong, "recoverywords": strStrong,
	"paymentcard": strStrong, "cardverification": strStrong, "cardverificationvalue": strStrong,
	"accnumber": strStrong, "accnum": strStrong, "bankacc": strStrong, "bankaccnumber": strStrong, "bankaccnum": strStrong,
	"bankaccountnumber": strStrong, "accountbanknumber": strStrong, "giftcardcode": strStrong, "giftcardnumber": strStrong,
	"cardcode": strStrong, "trackdata": strStrong, "magstripe": strStrong, "unlockcode": strStrong, "activationcode": strStrong,
	"activationkey": strStrong, "productkey": strStrong, "cipherkey": strStrong, "devicekey": strStrong,
	"otppin": strStrong, "securitypin": strStrong, "twofactorpin": strStrong, "2fapin": strStrong, "puk": strStructured,
	"accountno": strStrong, "accountnum": strStrong, "acctno": strStrong, "acctnum": strStrong,
	"taxnumber": strStrong, "aadhaarno": strStrong, "pannumber": strStrong, "panno": strStrong, "pancard": strStrong,
	"identitynumber": strStrong, "insurancenumber": strStrong, "nhsnumber": strStrong, "drivinglicense": strStrong,
	"drivinglicence": strStrong, "driverlicence": strStrong, "driverslicence": strStrong,
	"onetimecode": strStrong, "onetimepasscode": strStrong, "verifycode": strStrong, "tfacode": strStrong,
	"confirmationcode": strStrong, "accesscode": strStrong, "scratchcode": strStrong, "scratchcodes": strStrong,
	"samlresponse": strStrong, "samlrequest": strStrong, "samlassertion": strStrong, "clientassertion": strStrong,
	"snmpcommunity": strStrong,
}

// keyOnlyRuns are links that let in whoever has them, connection strings, and other
// names that no sentence has. See keyOnlyGrams.
var keyOnlyRuns = map[string]strength{
	"resetlink": strStrong, "reseturl": strStrong, "magicurl": strStrong, "loginlink": strStrong,
	"activationlink": strStrong, "verificationlink": strStrong, "confirmationlink": strStrong, "recoverylink": strStrong,
	"securityanswer": strStrong, "secretanswer": strStrong, "unsealkeys": strStrong, "agekey": strStrong, "agesecretkey": strStrong,
	"storepass": strStrong, "keypass": strStrong, "connstr": strStrong, "nino": strStrong, "verifylink": strStrong, "verifyurl": strStrong, "invitelink": strStrong,
	"presignedurl": strStrong, "signedurl": strStrong, "sasurl": strStrong,
}

// wholeKeys are sensitive only when they are the whole key.
var wholeKeys = map[string]strength{
	"su": strStructured, "sudo": strStructured, "symfony": strStructured,
	"principal": strStructured, "card": strStructured, "credit": strStructured,
	"passport": strStructured, "pan": strStructured, "community": strHint, "creditcards": strStructured,
}

// safeRuns win over every secret word they overlap. Each is here because it is
// common in logs and is not a secret.
var safeRuns = map[string]bool{
	"sessionid": true, "requestid": true, "traceid": true, "spanid": true, "tokentype": true,
	"tokencount": true, "pagetoken": true, "nexttoken": true, "nextpagetoken": true,
	"synctoken": true, "prevtoken": true, "previoustoken": true, "starttoken": true,
	"cursortoken": true, "deltatoken": true, "resumetoken": true, "continuationtoken": true,
	"idempotencytoken": true, "idempotencykey": true, "cancellationtoken": true,
	"primarykey": true, "foreignkey": true, "uniquekey": true, "sortkey": true,
	"partitionkey": true, "rangekey": true, "hashkey": true, "cachekey": true, "rediskey": true,
	"objectkey": true, "s3key": true, "routingkey": true, "publickey": true, "pubkey": true,
	"mapkey": true, "rowkey": true, "messagekey": true, "groupkey": true, "configkey": true,
	"dedupkey": true, "deduplicationkey": true, "lookupkey": true, "indexkey": true,
	"eventkey": true, "metrickey": true, "lockkey": true, "shardkey": true, "keycode": true,
	"keyid": true, "keyword": true, "keywords": true, "cookiename": true, "sessioncount": true,
	"sessionduration": true, "authmethod": true, "authprovider": true, "authtype": true,
	"errorcode": true, "statuscode": true, "exitcode": true, "returncode": true, "responsecode": true, "countrycode": true,
	"zipcode": true, "postalcode": true, "currencycode": true, "languagecode": true, "regioncode": true,
	"secretsmanager": true, "secretkeyref": true, "secretref": true, "authsock": true,
	"cardid": true, "publickeytoken": true, "refreshtokenid": true, "accesstokenid": true,
}

// metaWords, as the last word of a key, say that the value describes the secret
// and is not it: token_type, password_length, api_key_id, secret_name.
var metaWords = map[string]bool{
	"type": true, "types": true, "count": true, "counts": true, "length": true, "len": true,
	"size": true, "bytes": true, "ttl": true, "expiry": true, "expires": true, "expire": true,
	"expiration": true, "expired": true, "at": true, "in": true, "on": true, "created": true,
	"updated": true, "status": true, "state": true, "method": true, "methods": true,
	"provider": true, "policy": true, "algorithm": true, "alg": true, "version": true,
	"enabled": true, "disabled": true, "required": true, "present": true, "valid": true,
	"invalid": true, "verified": true, "missing": true, "attempts": true, "attempt": true,
	"failures": true, "failure": true, "failed": true, "success": true, "strength": true,
	"format": true, "name": true, "names": true, "id": true, "ids": true, "path": true,
	"paths": true, "file": true, "filename": true, "dir": true, "url": true, "uri": true,
	"endpoint": true, "source": true, "scope": true, "scopes": true, "issuer": true,
	"audience": true, "kind": true, "class": true, "mode": true, "level": true, "error": true,
	"errors": true, "reason": true, "reset": true, "changed": true, "age": true, "days": true,
	"ms": true, "us": true, "ns": true, "seconds": true, "secs": true, "minutes": true,
	"hours": true, "time": true, "timestamp": true, "duration": true, "latency": true,
	"hits": true, "misses": true, "usage": true, "limit": true, "limits": true, "max": true,
	"min": true, "total": true, "budget": true, "index": true, "idx": true, "last4": true,
	"brand": true, "country": true, "manager": true, "service": true, "store": true,
	"cache": true, "handler": true, "middleware": true, "sent": true, "used": true,
	"rotated": true, "revoked": true, "rate": true, "ratio": true, "percent": true,
	"field": true, "fields": true, "column": true, "rotation": true, "exists": true, "set": true,
	"locked": true, "pending": true, "configured": true, "rejected": true, "denied": true,
	"charged": true, "generated": true, "event": true, "events": true, "action": true,
	"result": true, "flow": true, "domain": true, "samesite": true, "secure": true,
	"user": true, "username": true, "encoding": true, "encoder": true, "decoder": true, "height": true, "width": true, "callback": true,
	"bucket": true, "consent": true, "banner": true, "arn": true, "rounds": true, "mismatch": true, "mismatches": true,
	"timeout": true, "interval": true, "window": true, "leeway": true, "pattern": true, "regex": true,
	"channel": true, "check": true, "checks": true, "parser": true, "factory": true, "validator": true, "generator": true, "exception": true,
}

// askWords, as the first word of a key, make it a question or a quantity:
// hasSecret, isAuthenticated, max_tokens.
var askWords = map[string]bool{
	"is": true, "has": true, "was": true, "num": true, "max": true, "min": true, "total": true,
	"should": true, "can": true, "needs": true, "require": true, "requires": true, "use": true,
	"uses": true, "enable": true, "disable": true, "skip": true, "expired": true,
	"invalid": true, "missing": true, "show": true, "allow": true, "force": true, "must": true,
	"count": true,
}

// fragments make a word of a key secret when the word contains them: keys that
// are written without any separator, such as userpassword or fasthttpsessionid.
var fragments = []struct {
	text string
	str  strength
}{
	{"password", strStrong}, {"passwd", strStrong}, {"passphrase", strStrong},
	{"apikey", strStrong}, {"privatekey", strStrong}, {"accesskey", strStrong},
	{"secretkey", strStrong}, {"credential", strStrong}, {"sessionid", strStructured},
	{"sessid", strStrong}, {"csrf", strStrong}, {"xsrf", strStrong},
	{"socialsecurity", strStrong}, {"twofactor", strStrong},
	{"creditcard", strStrong}, {"cardnumber", strStrong}, {"clientsecret", strStrong},
}

// suffixes make a longer word secret when it ends with them: csrftoken.
var suffixes = []struct {
	text string
	str  strength
}{
	{"pwd", strStrong},
	{"token", strStrong}, {"secret", strStrong}, {"session", strStructured}, {"cookie", strStrong},
	{"auth", strStructured}, {"sid", strStructured}, {"jwt", strStrong}, {"appkey", strStrong},
	{"key", strHint},
}

// piiKeys classify keys by their last words.
var piiKeys = map[string]Class{
	"email": ClassEmail, "emails": ClassEmail, "emailaddress": ClassEmail, "mailaddress": ClassEmail,
	"emailaddresses": ClassEmail, "emailaddr": ClassEmail, "useremail": ClassEmail,
	"ip": ClassIP, "ips": ClassIP, "ipaddress": ClassIP, "ipaddresses": ClassIP, "ipaddr": ClassIP,
	"clientip": ClassIP, "remoteip": ClassIP, "remoteaddr": ClassIP, "remoteaddress": ClassIP,
	"clientaddr": ClassIP, "clientaddress": ClassIP, "peeraddr": ClassIP, "peeraddress": ClassIP,
	"forwardedfor": ClassIP, "xforwardedfor": ClassIP, "realip": ClassIP, "connectingip": ClassIP,
	"ipv4": ClassIP, "ipv6": ClassIP, "useragentip": ClassIP,
	"vpa": ClassEmail, "upi": ClassEmail, "upiid": ClassEmail, "upihandle": ClassEmail,
	"lat": ClassCoordinate, "lng": ClassCoordinate, "lon": ClassCoordinate,
	"latitude": ClassCoordinate, "longitude": ClassCoordinate,
}

// harmlessWords end like a secret word and are none.
var harmlessWords = map[string]bool{
	"monkey": true, "turkey": true, "hockey": true, "donkey": true, "jockey": true, "hotkey": true,
	"secretsmanager": true,
	"whiskey":        true, "turnkey": true, "lackey": true, "flunkey": true, "keyboard": true,
}

// services are companies whose key, in a key such as mailgun_key, is a secret
// without a form of its own.
var services = []string{
	"algolia", "anthropic", "apns", "aws", "azure", "braintree", "cloudflare", "cosmos", "datadog", "fastly", "firebase",
	"gcp", "gemini", "google", "groq", "maps", "mailchimp", "mailgun", "mistral", "newrelic", "openai", "paypal", "postmark", "pusher",
	"razorpay", "sendgrid", "sentry", "shopify", "stripe", "supabase", "twilio", "vapid",
}
