// A button that asks the browser for a passkey and sends the answer with its form.
// <button data-passkey="create|get" data-options="id of a JSON script, or an address" hidden> in a form with a field "credential".
// The button stays hidden where the browser has no passkeys. Trouble is said in the form's element with aria-live.
(() => {
  const KINDS = {
    create: [
      (options) => {
        const asked = PublicKeyCredential.parseCreationOptionsFromJSON(options)
        asked.authenticatorSelection = {
          ...asked.authenticatorSelection,
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required'
        }
        return navigator.credentials.create({ publicKey: asked })
      },
      'No passkey was made. Try again, or use an authenticator app.'
    ],
    get: [
      (options) =>
        navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
      'No passkey was used. Try again, or choose another way.'
    ]
  }

  const options = async (where) => {
    if (!where.startsWith('/')) return JSON.parse(document.getElementById(where).textContent)
    const answer = await fetch(where, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error(answer.status)
    return (await answer.json()).request_options
  }

  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return
  for (const button of document.querySelectorAll('[data-passkey]')) {
    const [ask, trouble] = KINDS[button.dataset.passkey]
    button.closest('[hidden]').hidden = false
    button.addEventListener('click', async () => {
      const alert = button.form.querySelector('[aria-live]')
      alert.textContent = ''
      try {
        const credential = await ask((await options(button.dataset.options)).publicKey)
        button.form.elements.credential.value = JSON.stringify(credential.toJSON())
        button.form.submit()
      } catch {
        alert.textContent = trouble
      }
    })
  }
})()
