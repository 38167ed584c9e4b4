package ci

// uuidTexts are the UUIDs that issuers write, as a regular expression.
const uuidTexts = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// uuid is one of them alone.
var uuid = newExpression(`^` + uuidTexts + `$`)

// uuidKind is a kind of id that is a UUID in lower case. rule says where it stands, with an example.
func uuidKind(system, noun, rule string, not ...mistaken) nameKind {
	capitals := mistaken{uuidInCapitals, "has capital letters; write it in lower case, as " + system + " does: AWS compares letter by letter"}
	return nameKind{noun, uuid, rule, append([]mistaken{capitals}, not...)}
}

var uuidInCapitals = newExpression(`^\{?[0-9a-f-]*[A-F][0-9A-Fa-f-]*\}?$`)
