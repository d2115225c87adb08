-- Asks Chatelaine whether somebody may sign in: a passdb for Dovecot 2.3.19 or later. See docs/mail-servers.md.
--
-- The file named below has two lines, and is for root alone to read:
--   url = https://accounts.example.org/api/v1/auth/verify
--   key = what CHATELAINE_MAIL_SERVER_KEY says there

local SETTINGS = "/etc/dovecot/chatelaine.conf"
local TOKEN_MECHANISMS = { XOAUTH2 = true, OAUTHBEARER = true }

local settings = {}
local client

local function read_settings(path)
  local file, problem = io.open(path, "r")
  if file == nil then
    error("chatelaine: " .. problem)
  end
  for line in file:lines() do
    local name, value = line:match("^%s*(%w+)%s*=%s*(%S+)")
    if name ~= nil then
      settings[name] = value
    end
  end
  file:close()
end

-- At the first sign-in, not when the script is loaded: only the worker that asks may read the key.
local function connected()
  if client == nil then
    read_settings(SETTINGS)
    client = dovecot.http.client({
      connect_timeout_msecs = 3000,
      request_absolute_timeout_msecs = 10000,
      max_attempts = 2,
      no_auto_redirect = true,
    })
  end
  return client
end

local function encoded(text)
  return (text:gsub("[^%w%-._~]", function(sign)
    return string.format("%%%02X", sign:byte())
  end))
end

local function form(fields)
  local parts = {}
  for name, value in pairs(fields) do
    parts[#parts + 1] = name .. "=" .. encoded(value)
  end
  return table.concat(parts, "&")
end

-- What is read from the answer has no escapes: a decision, an address, a reason.
local function text_of(answer, name)
  return answer:match('"' .. name .. '":"([^"\\]*)"') or ""
end

function auth_password_verify(request, secret)
  local fields = {
    address = request.user,
    protocol = request.service,
    clientAddress = request.remote_ip or "",
  }
  fields[TOKEN_MECHANISMS[request.mech] and "accessToken" or "password"] = secret
  local asking = connected():request({ url = settings.url, method = "POST" })
  asking:add_header("X-API-KEY", settings.key)
  asking:add_header("Content-Type", "application/x-www-form-urlencoded")
  asking:set_payload(form(fields))
  local response = asking:submit()
  if response:status() ~= 200 then
    request:log_error("chatelaine: no decision: " .. response:status() .. " " .. response:reason())
    return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, {}
  end
  local answer = response:payload()
  if text_of(answer, "decision") == "allow" then
    return dovecot.auth.PASSDB_RESULT_OK, { user = text_of(answer, "address") }
  end
  -- For the log only: whoever guesses must not learn that a password was right.
  request:log_info("chatelaine: denied: " .. text_of(answer, "reason"))
  return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, {}
end
