//! Whom an encrypted connection trusts.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Trusts the certificates of a file, else those that the system trusts. The certificate of a node has to
/// name its IP address: the driver knows the others by nothing else.
///
/// An error is why not, and what to do.
pub fn config(file: Option<&Path>) -> Result<ClientConfig, (String, String)> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            let refused =
                |why: String| (format!("{}: {why}", file.display()), "is `tls_ca` right?".to_owned());
            let certificates =
                CertificateDer::pem_file_iter(file).map_err(|error| refused(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| refused(error.to_string()))?;
                roots.add(certificate).map_err(|error| refused(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(refused("there is no certificate in it".to_owned()));
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err((
                    "the system has no certificates to trust".to_owned(),
                    "write the file of the cluster's own into the URL: `tls_ca=/path/to/ca.pem`".to_owned(),
                ));
            }
        }
    }
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}
