// Package moderation judges text: explicit text is refused, suspicious text
// is hidden until somebody decides. It knows patterns only; it stores and
// logs nothing.
package moderation
