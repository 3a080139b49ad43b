// Package razorpaylog gives razorpay-go, which logs nothing and takes no context,
// a transport and a context, so that its calls are logged with the request they
// belong to and end when it ends.
//
//	client := razorpay.NewClient(key, secret)
//	razorpaylog.Use(client, &httplog.Transport{
//		Logger:    p.Logger("external.razorpay"),
//		Service:   "razorpay",
//		Base:      razorpaylog.Base(nil),
//		Operation: razorpaylog.Operation,
//		ErrorCode: razorpaylog.ErrorCode,
//	})
//	...
//	order, err := razorpaylog.WithContext(ctx, client).Order.Create(data, nil)
//
// A call then gives one line, such as
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"external.razorpay","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_error","service":"razorpay","operation":"POST /v1/orders","duration_ms":81.20,"status":400,"error_type":"http_status","error_code":"BAD_REQUEST_ERROR",…}
//
// Neither bodies nor the key and secret, which are in the Authorization header,
// are logged.
//
// # What it cannot mend
//
// razorpay-go does not close the body of a response of status 300 or more; [Base]
// does, and gives the SDK what was in it. Its File method calls log.Fatal, which
// ends the process, where a file cannot be read: read the file into one of
// os.CreateTemp before. razorpay.NewClient sets a global variable without a lock:
// make clients at start.
package razorpaylog
