package pairlog

// Names of the record contract, in the order in which they stand on a line. An
// attr at the root whose key is one of the first five, KeyRecorded or
// KeySampleWeight is written with an underscore behind it, but for KeyMessage
// beside an event, and KeyRequestID where the scope has no such id. KeyTraceID and
// KeySpanID are as KeyRequestID is; see also [ActiveID].
const (
	// KeyTimestamp is the time of the record: RFC 3339, UTC, three decimals.
	KeyTimestamp = "timestamp"
	// KeyLevel is DEBUG, INFO, WARNING, ERROR or CRITICAL.
	KeyLevel = "level"
	// KeyLogger is the dotted name of the logger.
	KeyLogger = "logger"
	// KeyRequestID is the id of the request; left out when there is none.
	KeyRequestID = "request_id"
	// KeyEvent is the message when it is an identifier.
	KeyEvent = "event"
	// KeyMessage is the message when it is a text.
	KeyMessage = "message"
	// KeyTraceID and KeySpanID are those of the W3C trace context.
	KeyTraceID = "trace_id"
	KeySpanID  = "span_id"
	// KeySource is where the call was made: function, file, line.
	KeySource = "source"
	// KeySampleWeight is how many records of this event the line stands for:
	// itself, and those left out since the one before.
	KeySampleWeight = "sample_weight"
	// KeyRecorded is true on lines that the flight recorder kept back.
	KeyRecorded = "recorded"
)

// Names of an error's attrs, written by [Err].
const (
	KeyErrorType    = "error_type"
	KeyErrorMessage = "error_message"
	KeyErrorCode    = "error_code"
	KeyStackTrace   = "stack_trace"
	// KeyErrorCategory and KeyErrorCauses come after all other attrs of the call,
	// for errors that have them.
	KeyErrorCategory = "error_category"
	KeyErrorCauses   = "error_causes"
)

const (
	// EventException is what [Exception] writes. A line of this event, or of
	// EventPanicRecovered, tells in KeyBreadcrumbs what led there.
	EventException = "exception"
	// EventPanicRecovered is a panic that was caught, at CRITICAL.
	EventPanicRecovered = "panic_recovered"
	// KeyBreadcrumbs are the events of the scope before this one.
	KeyBreadcrumbs = "breadcrumbs"
)

// Names that instrumentation writes.
const (
	KeyUserID       = "user_id"
	KeySessionID    = "session_id"
	KeyConnectionID = "connection_id"
	KeyMethod       = "method"
	KeyPath         = "path"
	KeyRoute        = "route"
	KeyQueryParams  = "query_params"
	KeyClientIP     = "client_ip"
	KeyUserAgent    = "user_agent"
	KeyStatusCode   = "status_code"
	KeyDurationMS   = "duration_ms"
	KeyResponseSize = "response_size_bytes"
	KeyEndpoint     = "endpoint"
	KeyContext      = "additional_context"
	KeySlow         = "slow"
)

// Names of what the pipeline says about itself.
const (
	keySink     = "sink"
	keyReason   = "reason"
	keyFallback = "fallback"
	keyCount    = "count"
	keyWindow   = "window_s"
	keyFile     = "file"
	keyBytes    = "size_bytes"
	keyFrom     = "from"
	keyTo       = "to"
	keyTarget   = "target"
	keySetting  = "setting"
	keyValue    = "value"
	keyWanted   = "wanted"
	keyUsed     = "used"
	keyRecords  = "records"
	keyTorn     = "torn"
)

// InternalLogger is the logger on which the pipeline speaks about itself.
const InternalLogger = "logging.internal"

// AuditLogger is the logger of audit records; it is never sampled.
const AuditLogger = "audit"

// Events on InternalLogger.
const (
	EventConfigInvalid  = "log_config_invalid"
	EventSinkDegraded   = "log_sink_degraded"
	EventRecordsDropped = "log_records_dropped"
	EventRecordsLeft    = "log_records_left"
	EventRotated        = "log_rotated"
	EventLevelChanged   = "log_level_changed"
	EventRecovered      = "log_queue_recovered"
)
