package localaws

import (
	"encoding/base64"
	"strconv"
)

// page says how much of a listing an answer holds.
type page struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// cut returns the part of a listing that MaxItems and Marker ask for:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
func cut[T any](c *call, all []T) ([]T, page, error) {
	size, err := c.form.number("MaxItems", 100, 1, 1000)
	if err != nil {
		return nil, page{}, err
	}
	start := 0
	if marker := c.form.text("Marker"); marker != "" {
		text, err := base64.StdEncoding.DecodeString(marker)
		if err == nil {
			start, err = strconv.Atoi(string(text))
		}
		if err != nil || start < 0 || start > len(all) {
			return nil, page{}, validation("Invalid Marker.")
		}
	}
	end := min(start+size, len(all))
	if end == len(all) {
		return all[start:], page{}, nil
	}
	next := base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	return all[start:end], page{IsTruncated: true, Marker: next}, nil
}
