// Package api is the HTTP face of Pairly: [New] returns the handler of every
// route. routes.go is the table of them; what a route may assume, the
// middleware has made sure of in this order: the request has a scope and one
// http_request line (package httplog), its origin may ask (CORS), its address
// is not banned and not too fast, its body is not too long, its user is known
// and not suspended, and he is an administrator where the table says so, which
// the audit trail then knows.
//
// Every refusal and failure has the same body:
//
//	{"detail":"The e-mail or the password is wrong.","error_code":"invalid_credentials","request_id":"0b9e…"}
//
// with "errors" for fields that broke a rule, and further members that an
// error brings along, such as "retry_after" in seconds. The cause of an error
// goes to the log, never to the client.
package api
