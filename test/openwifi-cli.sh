#!/usr/bin/env bash
# Walks through what an operator does with the OpenWiFi security service from a shell, with curl and jq alone, over TLS.
#
#   OWSEC=host:port OWSEC_USERNAME=… OWSEC_PASSWORD=… OWSEC_NEW_PASSWORD=… [CURL_CA_BUNDLE=ca.pem] bash test/openwifi-cli.sh
#
# One line for each step. The first that fails ends the walk with what came, and exit code 1. The new password is set when
# the service asks for one; a second walk begins with it. Whatever is made is removed again.
set -u
umask 077

for tool in curl jq; do
  command -v "$tool" >/dev/null || { echo "This needs $tool." >&2; exit 1; }
done
for name in OWSEC OWSEC_USERNAME OWSEC_PASSWORD OWSEC_NEW_PASSWORD; do
  [ -n "${!name:-}" ] || { echo "Set $name." >&2; exit 1; }
done

base="https://${OWSEC}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
: >"$work/auth"
run="walk-$$-$RANDOM"
step='start'
status=0

# ---- asking and judging

begin() { step="$1"; }
ok() { printf 'ok  %s\n' "$step"; }
fail() {
  printf 'NOT ok  %s: %s\n' "$step" "$1"
  printf 'status %s, answer: ' "$status"
  head -c 2000 "$work/answer" 2>/dev/null
  printf '\n'
  exit 1
}

# ask METHOD PATH [BODY]: the answer lies in $work/answer. Passwords and tokens go by file and stdin, not by argument.
ask() {
  local method="$1" path="$2" body="${3:-}"
  local flags=(-sS --max-time 30 -X "$method" -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json')
  : >"$work/answer"
  [ -s "$work/auth" ] && flags+=(-H "@$work/auth")
  [ -n "$body" ] && flags+=(--data-binary @-)
  status="$(printf '%s' "$body" | curl "${flags[@]}" "$base$path" 2>"$work/trouble")" || fail "$(cat "$work/trouble")"
}

api() { ask "$1" "/api/v1$2" "${3:-}"; }
token() { printf 'Authorization: Bearer %s\n' "$1" >"$work/auth"; }
got() { jq -er "$1" "$work/answer" 2>/dev/null; }
want() { [ "$status" = "$1" ] || fail "wanted status $1"; }
holds() { jq -e "$@" "$work/answer" >/dev/null 2>&1 || fail "it does not hold that ${*: -1}"; }
empty() { [ ! -s "$work/answer" ] || fail 'wanted an empty answer'; }
denied() { want 403; holds --argjson code "$1" '.ErrorCode == $code'; }

credentials() {
  jq -cn --arg user "$1" --arg password "$2" --arg new "${3:-}" \
    '{userId: $user, password: $password} + (if $new == "" then {} else {newPassword: $new} end)'
}

# ---- before anybody is signed in

begin 'policies'
printf 'Authorization: Bearer \n' >"$work/auth"
api POST '/oauth2?requirements=true' '{}'
want 200
holds '(.passwordPattern | type) == "string"'
links="$(got '.accessPolicy, .passwordPolicy')" || fail 'no links to the policies'
for link in $links; do
  case "$link" in https://*) ;; *) ask GET "$link"; want 200 ;; esac
done
: >"$work/auth"
ok

begin 'logo'
ask GET /wwwassets/logo.png
want 200
[ -s "$work/answer" ] || fail 'an empty picture'
ok

begin 'a wrong password'
api POST /oauth2 "$(credentials "$OWSEC_USERNAME" 'Not-The-Password-1')"
denied 2
ok

begin 'sign in'
current="$OWSEC_PASSWORD"
api POST /oauth2 "$(credentials "$OWSEC_USERNAME" "$current")"
code="$(got '.ErrorCode // 0')"
if [ "$code" = 1 ]; then
  begin 'sign in with a change of password'
  api POST /oauth2 "$(credentials "$OWSEC_USERNAME" "$current" "$OWSEC_NEW_PASSWORD")"
  current="$OWSEC_NEW_PASSWORD"
elif [ "$code" = 2 ]; then
  current="$OWSEC_NEW_PASSWORD"
  api POST /oauth2 "$(credentials "$OWSEC_USERNAME" "$current")"
fi
want 200
holds '.errorCode == 0 and (.access_token | length) > 0 and (.refresh_token | length) > 0'
mine="$(got .access_token)"
token "$mine"
ok

# ---- oneself

begin 'me'
api GET '/oauth2?me=true'
want 200
holds --arg email "$OWSEC_USERNAME" '.email == ($email | ascii_downcase) and .userRole == "root"'
my_id="$(got .id)"
ok

begin 'endpoints'
api GET /systemEndpoints
want 200
holds '.endpoints | type == "array"'
ok

begin 'preferences'
api PUT /preferences '{"data":[{"tag":"walk","value":"on"}]}'
want 200
api GET /preferences
want 200
holds '.data == [{"tag":"walk","value":"on"}]'
ok

begin 'set avatar'
printf '%s' 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' |
  base64 -d >"$work/face.png"
status="$(curl -sS --max-time 30 -H "@$work/auth" -F "data=@$work/face.png;type=image/png" -o "$work/answer" \
  -w '%{http_code}' "$base/api/v1/avatar/$my_id" 2>"$work/trouble")" || fail "$(cat "$work/trouble")"
want 200
holds '.errorCode == 0'
ok

begin 'get avatar'
api GET "/avatar/$my_id"
want 200
cmp -s "$work/answer" "$work/face.png" || fail 'another picture than the one that was sent'
ok

begin 'delete avatar'
api DELETE "/avatar/$my_id"
want 200
empty
api GET "/avatar/$my_id"
want 404
ok

begin 'picture for an authenticator'
api GET '/totp?reset=true'
want 200
grep -q '<svg' "$work/answer" || fail 'no picture'
ok

# ---- the server

begin 'system info'
api GET '/system?command=info'
want 200
holds '(.version | length) > 0 and .uptime >= 0 and .start > 0 and (.certificates | length) > 0'
ok

begin 'resources'
api GET '/system?command=resources'
want 200
holds '.currRealMem > 0'
ok

begin 'names of log levels'
api POST /system '{"command":"getloglevelnames"}'
want 200
holds '.list | index("information") != null'
ok

begin 'names of subsystems'
api POST /system '{"command":"getsubsystemnames"}'
want 200
subsystem="$(got '.list[0]')" || fail 'no subsystem'
ok

level=''
get_level() {
  api POST /system '{"command":"getloglevels"}'
  want 200
  level="$(jq -r --arg name "$subsystem" '.tagList[] | select((.tag | ascii_downcase) == $name) | .value' "$work/answer")"
}
set_level() {
  api POST /system "$(jq -cn --arg tag "$subsystem" --arg value "$1" '{command: "setloglevel", subsystems: [{$tag, $value}]}')"
  want 200
  holds '.Code == 0'
}

begin 'get log levels'
get_level
before="$level"
[ -n "$before" ] || fail "no level of $subsystem"
ok

begin 'set a log level'
set_level debug
get_level
[ "$level" = debug ] || fail "$subsystem is not at debug"
set_level "$before"
ok

begin 'reload'
api POST /system "$(jq -cn --arg name "$subsystem" '{command: "reload", subsystems: [$name]}')"
want 200
holds '.Code == 0'
ok

# ---- users

user="$run@example.org"
first='First-Walk-1!'
second='Second-Walk-2!'

begin 'create user'
api POST /user/0 "$(jq -cn --arg email "$user" --arg password "$first" \
  '{id: "0", $email, currentPassword: $password, changePassword: true, userRole: "accounting"}')"
want 200
holds --arg email "$user" '.email == $email and .changePassword and .userRole == "accounting"'
id="$(got .id)"
ok

begin 'the same user again'
api POST /user/0 "$(jq -cn --arg email "$user" '{id: "0", $email, userRole: "accounting"}')"
want 400
holds '.ErrorDescription | startswith("1061:")'
ok

begin 'list users'
api GET '/users?offset=0&limit=500'
want 200
holds --arg id "$id" '.users | map(.id) | index($id) != null'
ok

begin 'get user'
# With a body that is left over from before, as careless scripts send it.
api GET "/user/$id" "$(credentials stale stale)"
want 200
holds --arg id "$id" '.id == $id'
ok

begin 'get user by e-mail'
api GET "/user/$user?byEmail=true"
want 200
holds --arg id "$id" '.id == $id'
ok

begin 'update user'
api PUT "/user/$id" '{"name":"Walker","description":"made by a walk","notes":[{"note":"one"}]}'
want 200
holds --arg by "$OWSEC_USERNAME" '.name == "Walker" and .notes[0].note == "one" and .notes[0].createdBy == ($by | ascii_downcase)'
ok

begin 'forced change of a new user'
: >"$work/auth"
api POST /oauth2 "$(credentials "$user" "$first")"
denied 1
api POST /oauth2 "$(credentials "$user" "$first" "$second")"
want 200
theirs="$(got .access_token)"
token "$theirs"
api GET '/oauth2?me=true'
want 200
token "$mine"
ok

begin 'validate a token'
api GET "/validateToken?token=$theirs"
want 200
holds --arg email "$user" '.userInfo.email == $email and .tokenInfo.expires_in > 0'
api GET '/validateToken?token=null'
want 404
ok

begin 'suspend user'
api PUT "/user/$id" '{"suspended":true}'
want 200
holds '.suspended'
token "$theirs"
api GET '/oauth2?me=true'
denied 8
: >"$work/auth"
api POST /oauth2 "$(credentials "$user" "$second")"
denied 15
token "$mine"
ok

begin 'let user in again'
api PUT "/user/$id" '{"suspended":false}'
want 200
holds '.suspended == false'
api PUT "/user/$id?resetMFA=true" '{}'
want 200
: >"$work/auth"
api POST /oauth2 "$(credentials "$user" "$second")"
want 200
token "$mine"
ok

begin 'forgotten password'
: >"$work/auth"
for who in "$user" "nobody-$run@example.org"; do
  api POST '/oauth2?forgotPassword=true' "$(jq -cn --arg who "$who" '{userId: $who}')"
  want 200
  holds '.access_token == "" and .userMustChangePassword'
done
token "$mine"
ok

begin 'send a link for a new password'
api PUT "/user/$id?forgotPassword=true" '{}'
want 200
holds '.Code == 0'
ok

begin 'create user who has to confirm his address'
api POST '/user/0?email_verification=true' "$(jq -cn --arg email "confirm-$user" --arg password "$first" \
  '{id: "0", $email, currentPassword: $password, userRole: "csr"}')"
want 200
holds '.waitingForEmailCheck and (.validated | not)'
waiting="$(got .id)"
: >"$work/auth"
api POST /oauth2 "$(credentials "confirm-$user" "$first")"
denied 4
token "$mine"
api DELETE "/user/$waiting"
want 200
ok

# ---- API keys

begin 'create API key'
expires=$(($(date +%s) + 3600))
api POST "/apiKey/$my_id" "$(jq -cn --arg name "walk$$" --argjson expires "$expires" '{$name, description: "a walk", expiresOn: $expires}')"
want 200
holds '(.apiKey | length) >= 32'
key="$(got .id)"
value="$(got .apiKey)"
ok

begin 'get API keys'
api GET "/apiKey/$my_id"
want 200
holds --arg key "$key" '.apiKeys | map(.id) | index($key) != null'
ok

begin 'call with API key'
printf 'X-API-KEY: %s\n' "$value" >"$work/auth"
api GET /users
want 200
token "$mine"
ok

begin 'an API key that would be over already'
api POST "/apiKey/$my_id" '{"name":"late1","expiresOn":1699393386}'
want 400
ok

begin 'delete API key'
api DELETE "/apiKey/$my_id?keyUuid=$key"
want 200
empty
printf 'X-API-KEY: %s\n' "$value" >"$work/auth"
api GET /users
denied 8
token "$mine"
ok

# ---- secrets

begin 'set secret'
api PUT "/systemSecret/$run?value=hidden-value"
want 200
holds '.value == "hidden-value"'
ok

begin 'get secret'
api GET "/systemSecret/$run"
want 200
holds --arg key "$run" '. == {$key, value: "hidden-value"}'
ok

begin 'get all secrets'
api GET '/systemSecret/0?all=true'
want 200
holds --arg key "$run" '.secrets | map(.key) | index($key) != null'
ok

begin 'dictionary of secrets'
api GET '/systemSecret/0?dictionary=true'
want 200
holds '.knownKeys | map(.key) | index("google.maps.apikey") != null'
ok

begin 'delete secret'
api DELETE "/systemSecret/$run"
want 200
empty
api GET "/systemSecret/$run"
want 404
ok

# ---- mail and SMS

begin 'send e-mail'
api POST /email "$(jq -cn --arg to "$user" --arg from "$OWSEC_USERNAME" \
  '{recipients: [$to], $from, subject: "A walk", text: "It works."}')"
want 200
holds '.Code == 0'
ok

begin 'an SMS without a body'
api POST /sms
want 400
ok

# ---- subscribers

begin 'create subscriber'
api POST /subuser/0 "$(jq -cn --arg email "sub-$user" --arg password "$first" \
  '{id: "0", $email, currentPassword: $password, changePassword: false, userRole: "subscriber"}')"
want 200
subscriber="$(got .id)"
ok

begin 'list subscribers'
api GET /subusers
want 200
holds --arg id "$subscriber" '.users | map(.id) | index($id) != null'
api GET '/subusers?countOnly=true'
want 200
holds '.count >= 1'
ok

begin 'get subscriber'
api GET "/subuser/$subscriber"
want 200
api GET "/subuser/sub-$user?byEmail=true"
want 200
holds --arg id "$subscriber" '.id == $id'
ok

begin 'sign in as subscriber'
: >"$work/auth"
api POST /suboauth2 "$(credentials "sub-$user" "$first")"
want 200
theirs="$(got .access_token)"
token "$theirs"
api GET /submfa
want 200
api GET /users
denied 8
token "$mine"
api GET "/validateSubToken?token=$theirs"
want 200
ok

begin 'delete subscriber'
api DELETE "/subuser/$subscriber" "$(credentials stale stale)"
want 200
empty
api GET "/subuser/$subscriber"
want 404
ok

# ---- the end

begin 'delete user'
api DELETE "/user/$id" "$(credentials stale stale)"
want 200
empty
api GET "/user/$id"
want 404
ok

begin 'sign out'
api DELETE "/oauth2/$mine"
want 204
empty
ok

begin 'the dead token'
api GET /users
denied 8
api DELETE "/oauth2/$mine"
want 204
ok

begin 'the token null'
token null
api GET /users
denied 8
api DELETE /oauth2/null
want 204
ok
