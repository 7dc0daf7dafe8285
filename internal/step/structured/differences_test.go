package structured

import "github.com/mantledeploy/mantle/internal/step/textfile"

type encoding = textfile.Encoding

// differences are the recorded rows in which we do something else, with the reason.
func differences() map[string]string {
	const comment = "the original keeps the comment before the root alone and loses the document; ours keeps both"
	const alias = "the original takes every key after an alias for a value, and may replace it; ours goes on with the values"
	return map[string]string{
		"json-204": comment,
		"json-205": comment,
		"yaml-186": alias,
		"yaml-187": alias,
		"yaml-189": alias,
		"yaml-193": alias,
		"yaml-244": "the original loses a file's comments where there is nothing else in it; ours keeps them",
		"yaml-298": alias,
	}
}
