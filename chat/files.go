package chat

import "time"

// Attachment is a file kept by the bot, named by its content.
type Attachment struct {
	Hash string // SHA-256 of the bytes in hex
	Name string // as people see it, cleaned; never a path
	Kind string // by content: "image/jpeg", "image/png"
	Size int64  // bytes
}

// Fetch is a file a person sent that has to be downloaded from the platform.
type Fetch struct {
	// ID is made of the event's, so that a redelivery downloads nothing twice.
	ID      string
	Person  string
	Channel Channel
	Media   Media
	At      time.Time // arrival of the event
}

// FetchResult is how a download ended: with a file, or with the reason why not.
type FetchResult struct {
	ID   string // of the Fetch
	File Attachment
	Why  Why
}

// Why says why a file was not taken; the conversation has the words.
type Why string

// The reasons. Unreachable is given when the platform did not hand the file out
// in time; all others are final at once.
const (
	WhyGone        Why = "gone"   // the platform no longer has it
	WhyLarge       Why = "large"  // more than ten megabytes
	WhyEmpty       Why = "empty"  // five bytes or fewer
	WhyPixels      Why = "pixels" // too many of them
	WhyGIF         Why = "gif"    // pictures of other kinds …
	WhyWebP        Why = "webp"   //
	WhyHEIC        Why = "heic"   //
	WhyOther       Why = "other"  // … or no picture at all
	WhyBroken      Why = "broken" // cut off or damaged
	WhySecret      Why = "secret" // its name carries a mark of secrecy
	WhyUnreachable Why = "unreach"
)
